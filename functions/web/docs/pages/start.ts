import { type Html, html } from '../../site/html.ts';
import { askExamples, noticeExamples, observationExample } from '../examples.ts';
import { code, program, programs } from '../parts.ts';
import type { Speech } from '../speak.ts';

/** Renders how to ask, to send and to report, with programs to copy. */
export const startPage = (speech: Speech, url: string): Html => {
  const { locale, words } = speech;
  const token = code('node infra/cli/aldergate.js token create --name city-it --scope state:read,observe');
  const [variable, on, off] = [code('TOKEN'), code('on'), code('off')];
  return html`<p class="lead">${words.lead}</p>
<p class="note">${locale.say(words.rule, { no: code('false') })}</p>
<h2>${words.askHeading}</h2>
<p>${locale.say(words.ask, { command: token, variable, on, off })}</p>
${programs(speech, askExamples(url))}
<h2>${words.noticeHeading}</h2>
<p>${locale.say(words.notice, { variable: code('SECRET'), file: code('notice.json') })}</p>
${programs(speech, noticeExamples(url))}
<h2>${words.observeHeading}</h2>
<p>${words.observe}</p>
${program(speech, observationExample(url))}
<h2>${words.more}</h2>
<p>${locale.say(words.machine, { openapi: html`<a href="/openapi.json">openapi.json</a>`, events: code('docs/events.md') })}</p>`;
};
