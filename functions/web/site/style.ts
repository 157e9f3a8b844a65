import { createHash } from 'node:crypto';
import { fontStyle } from './fonts.ts';
import { baseStyle } from './style/base.ts';
import { formsStyle } from './style/forms.ts';
import { checkStyle, docsStyle, officialsStyle, packetStyle, passkeysStyle } from './style/pages.ts';
import { partsStyle } from './style/parts.ts';
import { registerStyle } from './style/register.ts';
import { uswdsStyle } from './style/uswds.ts';

/** The site's only stylesheet. */
export const STYLE =
  `${uswdsStyle}${fontStyle}${baseStyle}${partsStyle}${formsStyle}${registerStyle}${officialsStyle}${packetStyle}${docsStyle}${checkStyle}${passkeysStyle}`.replaceAll(
    '\n',
    '',
  );

/** Contains a digest of the stylesheet, so that it can be cached for ever. */
export const STYLE_PATH = `/assets/site.${createHash('sha256').update(STYLE).digest('hex').slice(0, 16)}.css`;
