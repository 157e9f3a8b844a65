import type { Consumer } from '../platform/feed/consumer.ts';
import { isFeatureStream, project } from './project.ts';
import type { ProjectorPorts } from './snapshot.ts';

/** The projector among the consumers of the feed. The register has marks of its own, so handling a commit twice costs two reads. */
export const projector = (ports: ProjectorPorts): Consumer => ({
  name: 'projector',
  wants: isFeatureStream,
  handle: ({ stream }) => project(ports, stream),
});
