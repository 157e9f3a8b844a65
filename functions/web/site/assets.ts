import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { uswdsStyle } from './style/uswds.ts';

const REGULAR = 'public-sans-400.2aa192f3e112aeaa.woff2';
const SEMI_BOLD = 'public-sans-600.861749bbd9beaae8.woff2';

/** Public Sans in two weights: files in `fonts/`, beside this module and beside the bundle of the site, each named by its digest. */
export const FONTS = [REGULAR, SEMI_BOLD] as const;

export const fontPath = (file: (typeof FONTS)[number]): string => `/assets/${file}`;

export const readFont = (file: (typeof FONTS)[number]): Uint8Array<ArrayBuffer> =>
  new Uint8Array(readFileSync(new URL(`./fonts/${file}`, import.meta.url)));

/**
 * `optional`: a reader without the font at first paint keeps the fallback for the visit, so that nothing shifts. Arial is scaled to
 * Public Sans.
 */
const fontStyle = `
@font-face{font-family:"Public Sans";font-weight:400;font-display:optional;src:url(${fontPath(REGULAR)}) format("woff2")}
@font-face{font-family:"Public Sans";font-weight:600 700;font-display:optional;src:url(${fontPath(SEMI_BOLD)}) format("woff2")}
@font-face{font-family:Stand-in;font-weight:400;size-adjust:105.65%;ascent-override:89.92%;descent-override:21.3%;line-gap-override:0%;src:local("Arial"),local("Liberation Sans"),local("Arimo")}
@font-face{font-family:Stand-in;font-weight:600 700;size-adjust:98.77%;ascent-override:96.19%;descent-override:22.78%;line-gap-override:0%;src:local("Arial Bold"),local("Arial-BoldMT"),local("Liberation Sans Bold"),local("Arimo Bold")}
`;

/**
 * On measures of the design system (`--u…`, `--lh5`, `--page`). Both schemes reach WCAG AA, no state is shown by colour alone, and
 * directions are logical, so that it can be mirrored. A list without marks has an empty one: Safari reads out `none` as no list.
 */
const ownStyle = `
:root{color-scheme:light dark;--paper:#fbf9f4;--card:#fff;--ink:#1d1f1c;--mute:#575c52;--rule:#dcd8cd;--edge:#767a70;--alder:#1f4d3a;--alder-soft:#e6efe9;--on:#17603b;--on-soft:#e4f1e9;--off:#565a52;--off-soft:#f0eee8;--wait:#7d5200;--wait-soft:#fdf1d8;--no:#9b2c1f;--no-soft:#fbe9e6;--focus:#0b61d8;--touch:2.75rem;--round:.5rem}
@media (prefers-color-scheme:dark){:root{--paper:#141713;--card:#1c201b;--ink:#ecebe4;--mute:#b0b4a9;--rule:#353a33;--edge:#8b9084;--alder:#8fd0ae;--alder-soft:#1d2f26;--on:#7fd6a3;--on-soft:#172b20;--off:#b7bbb0;--off-soft:#262a25;--wait:#f0bf62;--wait-soft:#2f2611;--no:#f0988b;--no-soft:#38201c;--focus:#8ab8ff}}
*,::before,::after{box-sizing:border-box}
html{text-size-adjust:100%;line-height:var(--lh5)}
body{background:var(--paper);color:var(--ink);font:1.0625rem/1.55 "Public Sans",Stand-in,system-ui,sans-serif;overflow-wrap:anywhere;min-height:100vh;display:flex;flex-direction:column}
b,strong,th,dt{font-weight:600}
a{color:var(--alder);text-underline-offset:.2em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
main a{padding-block:.25rem}
.tree a{padding-block:.75rem}
.own a{display:block;padding-block:.6rem;margin-block:-.6rem}
@media (pointer:coarse){.errors li a{display:inline-block;padding-block:.6rem}.pick{padding-block:.6rem}}
:focus-visible,input[type=date]:focus-within{outline:3px solid var(--focus);outline-offset:2px;border-radius:.2rem}
.skip{position:absolute;inset-inline-start:-200vw;top:0;background:var(--card);padding:.8rem 1.1rem;z-index:1}
.skip:focus{inset-inline-start:0}
.bar{border-bottom:1px solid var(--rule);padding:.3rem max(1.1rem,50vw - 32rem + 1.1rem);display:flex;flex-wrap:wrap;gap:0 1.3rem;align-items:center}
.bar a{display:inline-flex;align-items:center;min-height:var(--touch)}
.bar .home{color:var(--alder);font-weight:700;font-size:1.12rem;letter-spacing:.01em;text-decoration:none;gap:.5rem}
.bar .home::before{content:"";width:1.5rem;height:1.5rem;background:url(/assets/icon.svg) center/contain no-repeat}
.bar nav{display:flex;flex-wrap:wrap;gap:0 1.3rem}
.bar nav a,.bar .lang{font-size:.97rem}
.bar nav a:not(:hover,[aria-current]){text-decoration-color:transparent}
.bar nav+.lang{margin-inline-start:auto}
@media (max-width:36rem){.bar nav{order:1;flex-basis:100%;justify-content:space-between}.bar{padding-block-end:0}}
.bar a[aria-current]{color:var(--ink);font-weight:600;text-decoration:underline 2px var(--alder)}
main{width:100%;max-width:44rem;margin:0 auto;padding:clamp(1.3rem,1rem + 1.6vw,2.4rem) 1.1rem 2.5rem;flex:1 0 auto}
main.wide{max-width:var(--page)}
main:focus{outline:none}
footer a{display:inline-block;padding:.3rem 0}
footer p:last-child a{margin-inline-end:1rem}
footer{border-top:1px solid var(--rule);padding:1.2rem max(1.1rem,50vw - 32rem + 1.1rem) 1.5rem;color:var(--mute);font-size:.93rem}
h1{font-size:clamp(1.6rem,1.35rem + 1.1vw,2.05rem);line-height:1.2;letter-spacing:-.012em;font-weight:700;margin:.1rem 0 .7rem;text-wrap:balance}
h2{font-size:1.27rem;line-height:1.3;font-weight:600;margin:2.4rem 0 .6rem;text-wrap:balance}
h3{font-size:1.06rem;line-height:1.35;font-weight:600;margin:1.5rem 0 .3rem}
p,ul,ol,dl{margin:.6rem 0}
ul,ol{padding-inline-start:1.3rem}
li+li{margin-top:.25rem}
p{text-wrap:pretty}
code,pre{font-family:ui-monospace,"SFMono-Regular",Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.875em;overflow-wrap:anywhere}
code{direction:ltr;unicode-bidi:isolate}
pre{direction:ltr;text-align:left;white-space:pre-wrap}
small,.fine{color:var(--mute);font-size:.92rem}
.eyebrow{font-size:1rem;color:var(--wait);font-weight:600;margin:0 0 .35rem}
.eyebrow.calm{color:var(--mute)}
.lead{font-size:1.12rem;line-height:1.5}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media (forced-colors:active){.chip,.mark{border:1px solid}}
@media (prefers-contrast:more){:root{--mute:var(--ink);--rule:var(--ink);--edge:var(--ink)}}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--mute:#333;--rule:#999;--edge:#666;--alder:#000;--alder-soft:#fff;--on:#000;--on-soft:#fff;--off:#000;--off-soft:#fff;--wait:#000;--wait-soft:#fff;--no:#000;--no-soft:#fff}body{font-size:11pt}.bar nav,.bar .lang,.skip,form,.formats,footer p:last-child,a.go,.own,h2:has(+form){display:none!important}.bar,footer{padding-inline:0}main,main.wide{max-width:none;padding:.5rem 0}h1,h2,h3{break-after:avoid}tr,li,.card{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}}
.says{border-inline-start:4px solid var(--rule);padding:.25rem 0;padding-inline-start:1.1rem;margin:1.2rem 0}
.says .who{color:var(--mute);font-size:.9rem;margin:0}
.says .text{margin:.2rem 0 0;white-space:pre-wrap;font-size:1.1rem;line-height:1.5}
.then{border:1px solid var(--rule);border-radius:var(--round);background:var(--card);margin:1.2rem 0}
.then>div{padding:.75rem 1rem;border-top:1px solid var(--rule);display:grid;grid-template-columns:9rem 1fr;gap:.2rem 1rem}
.then>div:first-child{border:0}
.then dt{font-weight:600}
.then dd{margin:0}
.facts>div{display:grid;grid-template-columns:11rem 1fr;gap:.1rem 1rem;padding:.4rem 0;border-top:1px solid var(--rule)}
.facts dt{font-weight:600}
.facts dd{margin:0}
@media (max-width:32rem){.then>div,.facts>div{grid-template-columns:1fr}}
table{width:100%;border-collapse:collapse;margin:.6rem 0}
caption{text-align:start;color:var(--mute);font-size:.9rem;padding-bottom:.3rem}
th,td{border-top:1px solid var(--rule);padding:.55rem 0;padding-inline-end:.8rem;text-align:start;vertical-align:top;font-weight:400}
th{font-weight:600}
thead th{border-top:0;color:var(--mute);font-size:.9rem}
.impact th{width:45%}.impact small{display:block}
.compared{table-layout:fixed}.compared thead th:first-child{width:26%}
.compared small.cell{display:none}
.compared .group th{padding-top:1.1rem;font-size:1.05rem}
@media (max-width:36rem){.compared caption{display:block}.compared thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}.compared,.compared tbody,.compared tr,.compared th,.compared td{display:block}.compared tr{border-top:1px solid var(--rule);padding:.5rem 0}.compared th,.compared td{border:0;padding:.15rem 0}.compared small.cell{display:block;color:var(--mute)}}
.icon{width:1em;height:1em;vertical-align:-.12em;margin-inline-end:.35em;flex:none}
.chip{display:inline-flex;align-items:center;max-width:100%;padding:.1rem .65rem;border-radius:1rem;font-size:.9rem;line-height:1.45;font-weight:600;border:1px solid color-mix(in srgb,currentColor 45%,transparent)}
.chip.on{background:var(--on-soft)}.chip.off{background:var(--off-soft)}.chip.wait{background:var(--wait-soft)}.chip.no{background:var(--no-soft)}
.on{color:var(--on)}.off{color:var(--off)}.wait{color:var(--wait)}.no{color:var(--no)}
.approval-path{list-style-type:"";margin:0;padding:0}
.approval-path>li{position:relative;padding-block:0 1.15rem;padding-inline:2.2rem 0;margin:0}
.approval-path>li::before{content:"";position:absolute;inset-inline-start:.65rem;top:1.65rem;bottom:-.2rem;width:2px;background:var(--rule)}
.approval-path>li:last-child::before{display:none}
.approval-path .mark{position:absolute;inset-inline-start:0;top:.1rem;width:1.4rem;height:1.4rem;border-radius:50%;background:var(--alder-soft);color:var(--alder);font-size:.85rem;font-weight:700;display:grid;place-items:center;line-height:1}
.approval-path .bad .mark{background:var(--no-soft);color:var(--no)}
.approval-path .you .mark{background:var(--wait-soft);color:var(--wait);outline:2px solid var(--wait)}
.approval-path>li>small{display:block}
.approval-path :is(td,thead th){overflow-wrap:break-word}
.approval-path .plain{margin-block:.3rem 0}
.approval-path .plain>li:first-child{border-top:0}
del{background:var(--no-soft);text-decoration-color:var(--no)}
ins{background:var(--alder-soft);text-decoration-color:var(--on)}
del+ins{margin-inline-start:.15em}
.words{white-space:pre-wrap}
details{margin:.8rem 0;border:1px solid var(--rule);border-radius:.5rem;background:var(--card);padding:.2rem 1rem}
summary{cursor:pointer;padding:.65rem 0;min-height:var(--touch);font-weight:600}
details[open]>summary{border-bottom:1px solid var(--rule);margin-bottom:.8rem}
.card{background:var(--card);border:1px solid var(--rule);border-radius:var(--round);padding:var(--u2);margin:var(--u2) 0}
.card>:first-child,.card>[type=hidden]+h2{margin-top:0}.card>:last-child{margin-bottom:0}
.note{border-inline-start:4px solid var(--wait);background:var(--wait-soft);padding:.6rem 1rem;margin:1rem 0}
.note.bad{border-color:var(--no);background:var(--no-soft)}
.errors{border:2px solid var(--no);border-radius:.5rem;background:var(--no-soft);padding:.8rem 1.1rem;margin:0 0 var(--u3)}
.errors h2{margin:0 0 .4rem}
.errors a{color:var(--no)}
.nums{display:flex;flex-wrap:wrap;gap:.8rem clamp(1.4rem,.6rem + 3vw,2.6rem);margin:1.2rem 0 1.4rem}
ul.nums{list-style-type:"";padding:0}
.nums li{margin:0;color:var(--mute);max-width:9.5rem}
@media (min-width:36rem){.nums li{max-width:none}}
.nums li b{display:block;color:var(--ink);font-size:2.2rem;font-weight:600;line-height:1.1;letter-spacing:-.02em;font-variant-numeric:tabular-nums lining-nums}
.nums li.no b{color:var(--no)}
.nums>div{max-width:9.5rem}
.nums div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
.nums dd{margin:0;font-size:2.2rem;font-weight:600;line-height:1.1;letter-spacing:-.02em;font-variant-numeric:tabular-nums lining-nums}
.nums dt{color:var(--mute);font-weight:400}
.tree{list-style-type:"";margin:0;padding:0;border:1px solid var(--rule);border-radius:.5rem;background:var(--card)}
.tree li{margin:0;display:flex;flex-wrap:wrap;justify-content:space-between;gap:.1rem 1rem;padding:.7rem 1rem;border-top:1px solid var(--rule)}
.tree li:first-child{border:0}
.tree .d1{padding-inline-start:2.2rem}.tree .d2{padding-inline-start:3.4rem}.tree .d3{padding-inline-start:4.6rem}.tree .d4{padding-inline-start:5.8rem}
@media (max-width:32rem){.tree .d1{padding-inline-start:1.7rem}.tree .d2{padding-inline-start:2.4rem}.tree .d3{padding-inline-start:3.1rem}.tree .d4{padding-inline-start:3.8rem}}
.tree small{flex-basis:100%}
.tree code{color:var(--mute);font-size:.84rem}
.plain{list-style-type:"";padding:0;margin:var(--u1) 0}
.note.done{border-color:var(--on);background:var(--alder-soft)}
.pick{display:flex;gap:.6rem;align-items:start}.pick input{flex:none;width:1.4rem;height:1.4rem;margin:.1rem 0 0;accent-color:var(--alder)}
.buttons{display:flex;flex-wrap:wrap;gap:.6rem;margin-block-start:1rem}
.waits h2{margin:.1rem 0 .3rem}
.plain>li:not(.card){margin:0;border-top:1px solid var(--rule);padding:.6rem 0}
.formats a{margin-inline-end:.9rem}
form.card{padding:clamp(1rem,.6rem + 1.6vw,1.5rem)}
fieldset{border:0;margin:0 0 1.2rem;padding:0;min-width:0}
legend{font-weight:600;padding:0;margin-bottom:.4rem;font-size:1.06rem}
label.opt{position:relative;display:flex;gap:.8rem;align-items:flex-start;min-height:var(--touch);padding:.7rem .9rem;border:1px solid var(--edge);border-radius:var(--round);background:var(--paper);cursor:pointer}
label.opt+label.opt,.fault+label.opt{margin-top:.5rem}
label.opt:hover{border-color:var(--alder)}
label.opt:has(input:checked){border-color:var(--alder);background:var(--alder-soft);box-shadow:inset 0 0 0 1px var(--alder)}
label.opt input{flex:none;width:1.35rem;height:1.35rem;margin:.12rem 0 0;accent-color:var(--alder)}
label.opt small{display:block}
.field{margin:0 0 1.2rem}
.field label:not(.opt),.field .label{display:block;font-weight:600}
.hint{color:var(--mute);font-size:.93rem;margin:.05rem 0 .35rem}
.fault{color:var(--no);font-weight:600;font-size:.97rem;margin:.1rem 0 .35rem}
input:not([type=radio],[type=checkbox]),select,textarea{width:100%;min-height:var(--touch);font:inherit;line-height:1.4;padding:.55rem .7rem;border:1px solid var(--edge);border-radius:.3rem;background:var(--paper);color:var(--ink)}
.card :is(input:not([type=radio],[type=checkbox]),select,textarea){background:var(--card)}
.row{margin:0;padding:.25rem 0;border-top:1px solid var(--rule)}
.row>legend{line-height:1.3;margin:0 0 .2rem;padding-inline-end:.5rem}
.row>div,.row details>div{display:flex;flex-wrap:wrap;gap:.25rem}
.row details{flex:1 0 auto;border:0;background:none;margin:0;padding:0}
.row details[open]{flex-basis:100%}
.row details:not([open])>div{display:none}
.row summary{display:grid;place-items:center;padding:.5rem .3rem;font-size:.93rem;font-weight:400;border:1px dashed var(--edge);border-radius:.4rem}
.row [open]>summary{margin-block-end:.25rem;border:0}
.row label{position:relative;flex:1 0 auto;min-width:2.75rem;min-height:2.75rem;padding:.5rem .45rem;display:grid;place-items:center;font-size:.93rem}
.row input{appearance:none;position:absolute;inset:0;margin:0;border:1px solid var(--edge);border-radius:.4rem}
.row span{position:relative;pointer-events:none}
.row :checked{background:var(--alder);border-color:var(--alder)}
.row :checked+span{color:var(--paper);text-decoration:underline 2px}
@media (forced-colors:active){.row :checked,.row :checked+span{forced-color-adjust:none;background:Highlight;color:HighlightText}}
:has(>.field :checked)>.row:not(:has(:checked)) [value=yes]{background:var(--alder-soft);border:2px dashed var(--alder)}
textarea{min-height:6rem;resize:vertical}
fieldset.field input+input{margin-top:.5rem}
[aria-invalid=true]{border:2px solid var(--no)}
button,a.go{display:inline-flex;align-items:center;justify-content:center;font:inherit;font-weight:600;line-height:1.3;padding:.7rem 1.35rem;border-radius:.4rem;border:1px solid transparent;background:var(--alder);color:var(--paper);min-height:2.95rem;cursor:pointer;text-decoration:none}
button:hover,a.go:hover{background:color-mix(in srgb,var(--alder) 88%,var(--ink))}
button.quiet{background:transparent;color:var(--alder);border-color:currentColor}
button.quiet:hover{background:var(--alder-soft)}
button.danger{background:var(--no);color:var(--paper)}
button.danger:hover{background:color-mix(in srgb,var(--no) 88%,var(--ink))}
.find{display:flex;gap:.6rem .8rem;flex-wrap:wrap;margin:1.2rem 0;align-items:end}
.find>div{flex:1 1 9.2rem;min-width:0}
.find label{display:block;font-size:.93rem;color:var(--mute);margin-bottom:.2rem}
.roll>div{display:grid;grid-template-columns:1fr minmax(8rem,12rem);gap:.3rem 1rem;align-items:center;padding:.45rem 0;border-bottom:1px solid var(--rule)}
.roll .fault{grid-column:1/-1;margin:0}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 1rem;align-items:end}
@media (max-width:32rem){.pair{grid-template-columns:1fr}}
@media (max-width:30rem){form.card>button,form.card>p>button,.card>form>button,a.go,.find>button{width:100%}form.card>.buttons>button{flex:1 1 40%}.roll>div{grid-template-columns:1fr}}
.find .most{flex-basis:100%}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:0 3rem;align-items:start}
.figure td,.figure thead th+th{text-align:end}.figure td,.figure tbody tr:has(>:nth-child(5)) th{white-space:nowrap}.figure th{overflow-wrap:normal}.figure thead td{border:0}.figure td:last-child{width:40%;white-space:normal;vertical-align:middle;padding-inline-end:0}@media (max-width:30rem){.figure thead th{font-size:.78rem;hyphens:auto;overflow-wrap:anywhere}.figure td,.figure th{padding-inline-end:.4rem}.figure tr:has(>:nth-child(5))>:last-child{display:none}}
.chart{display:block;width:100%;height:auto}
.chart .track{fill:var(--rule);opacity:.45}
.chart rect.on{fill:var(--on)}.chart rect.wait{fill:var(--wait)}.chart rect.no{fill:var(--no)}.chart rect.off{fill:var(--off)}
.chart.strip{height:.5rem;border-radius:.25rem;overflow:hidden}.nums+.strip{margin:-.4rem 0 1.2rem}
.consent{list-style-type:"";margin:.8rem 0;padding:0}
.consent li{position:relative;display:grid;grid-template-columns:2.2rem 1fr;gap:0 .8rem;padding-block-end:1.3rem}
.consent li::before{content:"";position:absolute;inset-inline-start:1rem;top:2.2rem;bottom:.1rem;border-inline-start:3px solid var(--on)}
.consent li.stops::before{border-inline-start:3px dashed var(--no)}
.consent li:last-child::before{display:none}
.consent li[aria-current]>div{border:1px solid var(--edge);border-radius:.5rem;background:var(--card);padding:.5rem .8rem}
.consent small{display:block}
.consent .passes{grid-column:2;margin:.3rem 0 0;font-size:.9rem;color:var(--mute)}
.consent li.stops .passes{color:var(--no)}
.consent code{color:var(--mute)}
.knot{width:2.1rem;height:2.1rem;fill:none;stroke:currentColor;stroke-width:2.4;stroke-linecap:round;stroke-linejoin:round}
.knot circle{fill:var(--card)}
@media (max-width:36rem){.dates caption{display:block}.dates thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}.dates,.dates tbody,.dates tr,.dates th,.dates td{display:block}.dates tr{border-top:1px solid var(--rule);padding:.5rem 0}.dates th,.dates td{border:0;padding:.1rem 0}}
.ends{display:flex;justify-content:space-between;gap:1rem;margin-block-start:.2rem}
[dir=rtl] .chart{transform:scaleX(-1)}
@media print{.chart rect,.chart circle,.chart path{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media (forced-colors:active){.chart rect,.chart circle,.chart path{forced-color-adjust:none}}
.waits{display:grid;gap:1rem;padding:0}
.waits>li.card{margin:0;padding:1rem 1.1rem}
.waits>li.card h3,.waits>li.card h4{margin:.2rem 0 .3rem;font-size:1.06rem}
.waits>li.card>p{margin-block:.4rem}
.waits>li.card>:last-child{margin-block-end:0}
.own{margin-block-start:1.6rem}
.packet section{border-block-start:2px solid var(--rule);padding-block-start:1rem;margin-block-start:2.4rem}
.packet section:first-of-type{border:0;margin-block-start:0}
.packet .top{display:flex;gap:1rem;align-items:flex-start;justify-content:space-between}
.packet .top>div:first-child{flex:1;min-width:0}
.packet .code{flex:none;inline-size:8.5rem;text-align:center}
.packet .qr{inline-size:8.5rem;block-size:8.5rem;display:block}
.packet .code p{margin:.3rem 0 0;font-size:.78rem;line-height:1.3;color:var(--mute)}
.line{display:inline-block;min-inline-size:9rem;border-block-end:1px solid var(--ink);block-size:1.3em}
.packet .line.long{display:block;inline-size:100%;block-size:1.9em}
.sheet{table-layout:fixed}
.sheet th,.sheet td{border:1px solid var(--edge);padding:.35rem .4rem}
.sheet thead th{text-align:center;font-size:.78rem;padding-inline:.1rem}
.sheet thead th:first-child,.sheet tbody th{text-align:start;inline-size:33%;padding-inline-start:.4rem}
.sheet .box{text-align:center}
.sheet .box::before{content:"";display:inline-block;inline-size:.95rem;block-size:.95rem;border:1px solid var(--ink)}
.fill>div{display:flex;flex-wrap:wrap;gap:.2rem .8rem;padding:.35rem 0}
.fill dt{font-weight:600}
.fill dd{margin:0;flex:1;min-inline-size:9rem}
@media (max-width:32rem){.packet .top{flex-direction:column}.sheet thead th:not(:first-child){writing-mode:vertical-rl;text-align:end;white-space:nowrap;padding:.4rem 0;vertical-align:middle}}
@page{margin:18mm 16mm}
@media print{.packet{font-size:10.5pt;line-height:1.4}.packet h1{font-size:17pt}.packet h2{font-size:13pt;margin-block-start:5mm}.packet section{break-before:page;border:0;margin:0}.packet section:first-of-type{break-before:auto}.packet .keep,.packet tr,.packet .approval-path li,.packet .says{break-inside:avoid}.packet h2,.packet h3,.packet h4,.packet .note,.packet caption{break-after:avoid}.packet p{orphans:3;widows:3}.packet .impact th,.packet .impact td{padding-block:.7mm}.packet .approval-path li{padding-block-end:1mm}.packet .says .text{font-size:10.5pt}.packet .sheet th,.packet .sheet td{padding-block:1mm}.packet .screen{display:none}.packet ~ *{display:none}}
.tabs ul,.contents ul{list-style-type:"";padding:0;display:flex;flex-wrap:wrap;gap:.3rem .5rem}
.tabs li,.contents li{margin:0}
.tabs ul{border-bottom:1px solid var(--rule)}
.tabs a{display:block;padding:.65rem .5rem;border-bottom:3px solid transparent;text-decoration:none}
.tabs a:hover{text-decoration:underline}
.tabs [aria-current]{border-color:currentColor;color:var(--ink);font-weight:650}
.contents a{display:block;padding:.35rem .3rem}
.program{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.9rem 1rem;margin:.4rem 0 1.2rem;white-space:pre-wrap;overflow-wrap:anywhere;font-size:.9rem;line-height:1.5}
.program code{font-size:1em}
.operation{border-top:1px solid var(--rule);padding-top:.4rem;margin-top:1.6rem}
.operation h2{font-size:1.06rem;margin-top:.6rem}
.stack th code{font-weight:600}
@media (min-width:40.01rem){.operation .stack th{width:28%}}
@media (max-width:40rem){.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.stack,.stack tbody,.stack tr,.stack th,.stack td{display:block}.stack tr{border-top:1px solid var(--rule);padding:.5rem 0}.stack th,.stack td{border:0;padding:.15rem 0}.stack [data-label]::before{content:attr(data-label)": ";color:var(--mute);font-size:.9rem;font-weight:400}}
.command{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.7rem 1rem;white-space:pre-wrap;margin:.4rem 0}
.command code{user-select:all;-webkit-user-select:all}
.log-reference{color:var(--mute);font-size:.9rem}
.log-reference a{margin-inline-start:.6rem}
.passkey{margin:1rem 0}
.passkey button{width:100%;max-width:24rem}
html:not(.scripted) .passkey button,.scripted .unscripted{display:none}
.votes{list-style-type:"";margin:0;padding:0}
.facts dd>p{margin:0}
.keys li{padding:.7rem 0;border-top:1px solid var(--rule)}
.keys li>a{display:block;width:fit-content;padding:.3rem 0}
`;

/** The site's only stylesheet. */
export const STYLE = `${uswdsStyle}${fontStyle}${ownStyle}`.replaceAll('\n', '');

/** Contains a digest of the stylesheet, so that it can be cached for ever. */
export const STYLE_PATH = `/assets/site.${hash('sha256', STYLE).slice(0, 16)}.css`;

/**
 * The site's only script, on pages that ask for a passkey. It marks the document as scripted, so that the stylesheet shows the
 * button. On a press it has the browser make a key (`create`) or sign (`get`) by the form's `data-options`, puts the result into
 * the form and sends it. Errors show the form's own texts. It loads nothing and contacts no other host.
 */
const PASSKEY_SCRIPT = `'use strict';
(() => {
document.documentElement.classList.add('scripted');
const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\\+/g, '-').replace(/\\//g, '_').replace(/=+$/, '');
const withBytes = (keys) => (keys || []).map((key) => ({ ...key, id: bytes(key.id) }));
const ask = async (kind, options) => {
  const publicKey = { ...options, challenge: bytes(options.challenge) };
  if (kind === 'get') return navigator.credentials.get({ publicKey: { ...publicKey, allowCredentials: withBytes(options.allowCredentials) } });
  const user = { ...options.user, id: bytes(options.user.id) };
  return navigator.credentials.create({ publicKey: { ...publicKey, user, excludeCredentials: withBytes(options.excludeCredentials) } });
};
const answer = ({ id, rawId, type, response }) => {
  const parts = { clientDataJSON: text(response.clientDataJSON) };
  if (response.attestationObject) {
    parts.attestationObject = text(response.attestationObject);
    parts.transports = response.getTransports ? response.getTransports() : [];
  } else {
    parts.authenticatorData = text(response.authenticatorData);
    parts.signature = text(response.signature);
  }
  return JSON.stringify({ id, rawId: text(rawId), type, response: parts });
};
const showNote = (form, name) => {
  for (const note of form.querySelectorAll('[data-note]')) note.hidden = note.dataset.note !== name;
  const shown = form.querySelector('[data-note="' + name + '"]');
  if (shown) shown.focus();
};
const start = (form) => {
  const button = form.querySelector('[data-passkey]');
  if (!window.PublicKeyCredential || !navigator.credentials) {
    button.hidden = true;
    return showNote(form, 'unable');
  }
  button.addEventListener('click', async () => {
    button.disabled = true;
    showNote(form, '');
    try {
      form.elements.passkey.value = answer(await ask(button.dataset.passkey, JSON.parse(form.dataset.options)));
      form.submit();
    } catch (error) {
      button.disabled = false;
      showNote(form, error && error.name === 'InvalidStateError' ? 'known' : 'failed');
    }
  });
};
addEventListener('DOMContentLoaded', () => document.querySelectorAll('form[data-options]').forEach(start));
})();
`;

/** Contains a digest of the script, as the stylesheet's path does. */
export const PASSKEY_SCRIPT_PATH = `/assets/passkeys.${hash('sha256', PASSKEY_SCRIPT).slice(0, 16)}.js`;

/** The site's icon: a closed gate. */
const SITE_ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1f4d3a"/><path d="M9 25V14a7 7 0 0 1 14 0v11M9 19h14M16 8v17" fill="none" stroke="#fbf9f4" stroke-width="2.6" stroke-linecap="round"/></svg>';

const FOREVER = 'public, max-age=31536000, immutable';
/** Crawlers may read the public register, and nothing behind a link or a token (RFC 9309). */
const ROBOTS = [
  'User-agent: *',
  ...['/d/', '/m/', '/n/', '/dev/', '/worklist', '/v1/', '/ofrep/'].map((path) => `Disallow: ${path}`),
  '',
].join('\n');
const A_DAY = 'public, max-age=86400';

interface Asset {
  readonly type: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
  readonly kept: string;
}

/**
 * The files of the site by address. An address with a digest names its contents, so it can be cached permanently. Reads the fonts,
 * which lie beside the site alone: other functions import this module for addresses, and must not read them at their start.
 */
export const siteAssets = (): ReadonlyMap<string, Asset> =>
  new Map<string, Asset>([
    [STYLE_PATH, { type: 'text/css; charset=utf-8', body: STYLE, kept: FOREVER }],
    [PASSKEY_SCRIPT_PATH, { type: 'text/javascript; charset=utf-8', body: PASSKEY_SCRIPT, kept: FOREVER }],
    ['/assets/icon.svg', { type: 'image/svg+xml', body: SITE_ICON, kept: A_DAY }],
    ['/favicon.ico', { type: 'image/svg+xml', body: SITE_ICON, kept: A_DAY }],
    ['/robots.txt', { type: 'text/plain; charset=utf-8', body: ROBOTS, kept: A_DAY }],
    ...FONTS.map((file) => [fontPath(file), { type: 'font/woff2', body: readFont(file), kept: FOREVER }] as const),
  ]);
