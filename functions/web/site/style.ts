import { createHash } from 'node:crypto';
import { fontStyle } from './fonts.ts';
import { baseStyle } from './style/base.ts';
import { formsStyle } from './style/forms.ts';
import { checkStyle, docsStyle, officialsStyle, packetStyle, passkeysStyle } from './style/pages.ts';
import { partsStyle } from './style/parts.ts';
import { registerStyle } from './style/register.ts';
import { uswdsStyle } from './style/uswds.ts';

/** The one stylesheet. */
export const STYLE =
  `${uswdsStyle}${fontStyle}${baseStyle}${partsStyle}${formsStyle}${registerStyle}${officialsStyle}${packetStyle}${docsStyle}${checkStyle}${passkeysStyle}`.replaceAll(
    '\n',
    '',
  );

/** Its address names its contents, so that it can be kept for ever and a new one is never mistaken for it. */
export const STYLE_PATH = `/assets/site.${createHash('sha256').update(STYLE).digest('hex').slice(0, 16)}.css`;
