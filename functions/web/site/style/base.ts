/**
 * Colours, type and the frame of every page, on measures of the design system (`--u…` spaces, `--lh5`, `--page`). Both schemes reach
 * WCAG AA; no state is shown by colour alone. Only logical directions, so that it can be mirrored.
 */
export const baseStyle = `
:root{color-scheme:light dark;--paper:#fbf9f4;--card:#fff;--ink:#1d1f1c;--mute:#575c52;--rule:#dcd8cd;--edge:#767a70;--alder:#1f4d3a;--alder-soft:#e6efe9;--on:#17603b;--on-soft:#e4f1e9;--off:#565a52;--off-soft:#f0eee8;--wait:#7d5200;--wait-soft:#fdf1d8;--no:#9b2c1f;--no-soft:#fbe9e6;--focus:#0b61d8;--touch:2.75rem;--round:.5rem}
@media (prefers-color-scheme:dark){:root{--paper:#141713;--card:#1c201b;--ink:#ecebe4;--mute:#b0b4a9;--rule:#353a33;--edge:#8b9084;--alder:#8fd0ae;--alder-soft:#1d2f26;--on:#7fd6a3;--on-soft:#172b20;--off:#b7bbb0;--off-soft:#262a25;--wait:#f0bf62;--wait-soft:#2f2611;--no:#f0988b;--no-soft:#38201c;--focus:#8ab8ff}}
*,::before,::after{box-sizing:border-box}
html{text-size-adjust:100%;line-height:var(--lh5)}
body{background:var(--paper);color:var(--ink);font:1.0625rem/1.55 "Public Sans",Stand-in,system-ui,sans-serif;overflow-wrap:anywhere;min-height:100vh;display:flex;flex-direction:column}
b,strong,th,dt{font-weight:600}
a{color:var(--alder);text-underline-offset:.2em;text-decoration-thickness:1px}
a:hover{text-decoration-thickness:2px}
:focus-visible,input[type=date]:focus-within{outline:3px solid var(--focus);outline-offset:2px;border-radius:.2rem}
.skip{position:absolute;inset-inline-start:-200vw;top:0;background:var(--card);padding:.8rem 1.1rem;z-index:1}
.skip:focus{inset-inline-start:0}
.bar{border-bottom:1px solid var(--rule);padding:.3rem max(1.1rem,50vw - 32rem + 1.1rem);display:flex;flex-wrap:wrap;gap:0 1.3rem;align-items:center}
.bar a{display:inline-flex;align-items:center;min-height:var(--touch)}
.bar .home{color:var(--alder);font-weight:700;font-size:1.12rem;letter-spacing:.01em;text-decoration:none;gap:.5rem}
.bar .home::before{content:"";width:1.5rem;height:1.5rem;background:url(/assets/icon.svg) center/contain no-repeat}
.bar nav{display:flex;flex-wrap:wrap;gap:0 1.3rem}
.bar nav a,.bar .lang{font-size:.97rem}
.bar nav a:not(:hover){text-decoration-color:transparent}
.bar nav+.lang{margin-inline-start:auto}
@media (max-width:36rem){.bar nav{order:1;flex-basis:100%;justify-content:space-between}.bar{padding-block-end:0}}
.bar a[aria-current]{color:var(--ink);font-weight:600;text-decoration:underline 2px var(--alder)}
main{width:100%;max-width:44rem;margin:0 auto;padding:clamp(1.3rem,1rem + 1.6vw,2.4rem) 1.1rem 4rem;flex:1 0 auto}
main.wide{max-width:var(--page)}
main:focus{outline:none}
footer a{display:inline-block;padding:.3rem 0}
footer p:last-child a{margin-inline-end:1rem}
footer{border-top:1px solid var(--rule);padding:1.2rem max(1.1rem,50vw - 32rem + 1.1rem) 2.5rem;color:var(--mute);font-size:.93rem}
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
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
@media print{:root{color-scheme:light;--paper:#fff;--card:#fff;--ink:#000;--mute:#333;--rule:#999;--edge:#666;--alder:#000;--alder-soft:#fff;--on:#000;--on-soft:#fff;--off:#000;--off-soft:#fff;--wait:#000;--wait-soft:#fff;--no:#000;--no-soft:#fff}body{font-size:11pt}.bar nav,.bar .lang,.skip,form,.formats,footer p:last-child,a.go,.own,h2:has(+form){display:none!important}.bar,footer{padding-inline:0}main,main.wide{max-width:none;padding:.5rem 0}h1,h2,h3{break-after:avoid}tr,li,.card{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}}
`;

/** Forms: targets of at least 44 px, visible edges, errors in words beside their field. */
export const formsStyle = `
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
.row{margin:0;padding:.35rem 0;border-top:1px solid var(--rule)}
.row>legend{line-height:1.3;margin:0 0 .2rem;padding-inline-end:.5rem}
.row>div{display:flex;flex-wrap:wrap;gap:.25rem}
.row label{position:relative;flex:1 0 auto;min-width:2.75rem;min-height:2.75rem;padding:.5rem .45rem;display:grid;place-items:center;font-size:.93rem}
.row input{appearance:none;position:absolute;inset:0;margin:0;border:1px solid var(--edge);border-radius:.4rem}
.row span{position:relative;pointer-events:none}
.row :checked{background:var(--alder);border-color:var(--alder)}
.row :checked+span{color:var(--paper);text-decoration:underline 2px}
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
@media (max-width:30rem){form.card>button,form.card>p>button,a.go,.find>button{width:100%}.roll>div{grid-template-columns:1fr}}
`;
