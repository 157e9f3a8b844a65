import type { Consumer } from '../platform/feed/consumer.ts';
import { isFeatureStream, PROJECTOR, project } from './project.ts';
import type { ProjectorPorts } from './snapshot.ts';

/** Returns the projector as a consumer of the feed. The register keeps versions of its own, so handling a commit twice costs two reads. */
export const projector = (ports: ProjectorPorts): Consumer => ({
  name: PROJECTOR,
  wants: isFeatureStream,
  handle: ({ stream }) => project(ports, stream),
});
