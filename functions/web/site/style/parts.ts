/** The components, in the order in which a decision page shows them. */
export const partsStyle = `
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
.impact th{width:45%}
.compared small.cell{display:none}
.compared .group th{padding-top:1.1rem;font-size:1.05rem}
@media (max-width:36rem){.compared caption{display:block}.compared thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}.compared,.compared tbody,.compared tr,.compared th,.compared td{display:block}.compared tr{border-top:1px solid var(--rule);padding:.5rem 0}.compared th,.compared td{border:0;padding:.15rem 0}.compared small.cell{display:block;color:var(--mute)}}
.scroll{overflow-x:auto}
.icon{width:1em;height:1em;vertical-align:-.12em;margin-inline-end:.35em;flex:none}
.chip{display:inline-flex;align-items:center;max-width:100%;padding:.1rem .65rem;border-radius:1rem;font-size:.9rem;line-height:1.45;font-weight:600;border:1px solid color-mix(in srgb,currentColor 45%,transparent)}
.chip.on{background:var(--on-soft)}.chip.off{background:var(--off-soft)}.chip.wait{background:var(--wait-soft)}.chip.no{background:var(--no-soft)}
.on{color:var(--on)}.off{color:var(--off)}.wait{color:var(--wait)}.no{color:var(--no)}
.approval-path{list-style:none;margin:0;padding:0}
.approval-path>li{position:relative;padding-block:0 1.15rem;padding-inline:2.2rem 0;margin:0}
.approval-path>li::before{content:"";position:absolute;inset-inline-start:.65rem;top:1.65rem;bottom:-.2rem;width:2px;background:var(--rule)}
.approval-path>li:last-child::before{display:none}
.approval-path .mark{position:absolute;inset-inline-start:0;top:.1rem;width:1.4rem;height:1.4rem;border-radius:50%;background:var(--alder-soft);color:var(--alder);font-size:.85rem;font-weight:700;display:grid;place-items:center;line-height:1}
.approval-path .bad .mark{background:var(--no-soft);color:var(--no)}
.approval-path .you .mark{background:var(--wait-soft);color:var(--wait);outline:2px solid var(--wait)}
.approval-path>li>small{display:block}
.approval-path .plain{margin-block:.3rem 0}
.approval-path .plain>li:first-child{border-top:0}
.chain{list-style:none;margin:.6rem 0;padding:0}
.chain li{position:relative;border:1px solid var(--rule);border-radius:.5rem;background:var(--card);padding:.6rem .9rem;display:flex;flex-wrap:wrap;gap:.2rem 1rem;justify-content:space-between}
.chain li+li{margin-top:1rem}
.chain li+li::before{content:"";position:absolute;top:-1rem;inset-inline-start:1.6rem;height:1rem;border-inline-start:2px solid var(--edge)}
del{background:var(--no-soft);text-decoration-color:var(--no)}
ins{background:var(--alder-soft);text-decoration-color:var(--on)}
del+ins{margin-inline-start:.15em}
.words{white-space:pre-wrap}
details{margin:.8rem 0;border:1px solid var(--rule);border-radius:.5rem;background:var(--card);padding:.2rem 1rem}
summary{cursor:pointer;padding:.65rem 0;min-height:var(--touch);font-weight:600}
details[open]>summary{border-bottom:1px solid var(--rule);margin-bottom:.8rem}
.card{background:var(--card);border:1px solid var(--rule);border-radius:var(--round);padding:var(--u2);margin:var(--u2) 0}
.card>:first-child{margin-top:0}.card>:last-child{margin-bottom:0}
.note{border-inline-start:4px solid var(--wait);background:var(--wait-soft);padding:.6rem 1rem;margin:1rem 0}
.note.bad{border-color:var(--no);background:var(--no-soft)}
.errors{border:2px solid var(--no);border-radius:.5rem;background:var(--no-soft);padding:.8rem 1.1rem;margin:0 0 var(--u3)}
.errors h2{margin:0 0 .4rem}
.errors a{color:var(--no)}
.nums{display:flex;flex-wrap:wrap;gap:.8rem clamp(1.4rem,.6rem + 3vw,2.6rem);margin:1.2rem 0 1.4rem}
ul.nums{list-style:none;padding:0}
.nums li{margin:0;color:var(--mute);max-width:9.5rem}
@media (min-width:36rem){.nums li{max-width:none}}
.nums li b{display:block;color:var(--ink);font-size:2.2rem;font-weight:600;line-height:1.1;letter-spacing:-.02em;font-variant-numeric:tabular-nums lining-nums}
.nums li.no b{color:var(--no)}
.nums>div{max-width:9.5rem}
.nums div{display:flex;flex-direction:column-reverse;justify-content:flex-end}
.nums dd{margin:0;font-size:2.2rem;font-weight:600;line-height:1.1;letter-spacing:-.02em;font-variant-numeric:tabular-nums lining-nums}
.nums dt{color:var(--mute);font-weight:400}
.tree{list-style:none;margin:0;padding:0;border:1px solid var(--rule);border-radius:.5rem;background:var(--card)}
.tree li{margin:0;display:flex;flex-wrap:wrap;justify-content:space-between;gap:.1rem 1rem;padding:.7rem 1rem;border-top:1px solid var(--rule)}
.tree li:first-child{border:0}
.tree .d1{padding-inline-start:2.2rem}.tree .d2{padding-inline-start:3.4rem}.tree .d3{padding-inline-start:4.6rem}.tree .d4{padding-inline-start:5.8rem}
@media (max-width:32rem){.tree .d1{padding-inline-start:1.7rem}.tree .d2{padding-inline-start:2.4rem}.tree .d3{padding-inline-start:3.1rem}.tree .d4{padding-inline-start:3.8rem}}
.tree small{flex-basis:100%}
.tree code{color:var(--mute);font-size:.84rem}
.plain{list-style:none;padding:0;margin:var(--u1) 0}
.note.done{border-color:var(--on);background:var(--alder-soft)}
.pick{display:flex;gap:.6rem;align-items:start}.pick input{flex:none;width:1.4rem;height:1.4rem;margin:.1rem 0 0;accent-color:var(--alder)}
[dir=rtl] .chart text{direction:ltr;unicode-bidi:plaintext}
.waits h3{margin:0 0 .2rem}
.buttons{display:flex;flex-wrap:wrap;gap:.6rem}
.waits>li.card{margin:1rem 0;border:1px solid var(--rule);padding:1rem 1.1rem}
.waits h2{margin:.1rem 0 .3rem}
.plain>li:not(.card){margin:0;border-top:1px solid var(--rule);padding:.6rem 0}
.formats a{margin-inline-end:.9rem}
`;

/** The public register: pictures, the chain of consent, the calendar's months. Mirrored as a whole for right-to-left. */
export const registerStyle = `
.find .most{flex-basis:100%}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:0 3rem;align-items:start}
.figure>.chart{margin:.6rem 0}
.chart{display:block;width:100%;max-width:30rem;height:auto;overflow:visible}
.chart text{fill:var(--ink);font-size:12px}
@media (min-width:48rem){.chart text{font-size:10.5px}}
.chart text.n{font-weight:650}
.chart text.small{fill:var(--mute);font-size:10px}
.chart .track{fill:var(--rule);opacity:.45}
.chart rect.on{fill:var(--on)}.chart rect.wait{fill:var(--wait)}.chart rect.no{fill:var(--no)}.chart rect.off{fill:var(--off)}
.chart .axis{fill:none;stroke:var(--edge)}
.chart.strip{max-width:none;height:.5rem;border-radius:.25rem;margin:-.4rem 0 1.2rem;overflow:hidden}
.consent{list-style:none;margin:.8rem 0;padding:0}
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
.months{display:none}
.month{table-layout:fixed;width:100%}
.month th,.month td{border:1px solid var(--rule);padding:.3rem .4rem}
.month caption{font-weight:650;font-size:1.1rem}
.month td{height:5.2rem;font-size:.86rem;background:var(--card)}
.month td.other{background:transparent}
.month td.today{outline:2px solid var(--alder);outline-offset:-2px}
.month ul{list-style:none;margin:.2rem 0 0;padding:0}
.month li{padding:.15rem 0;line-height:1.3}
.month li a{display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:2;overflow:hidden}
.month abbr{text-decoration:none}
@media (min-width:52rem){.months{display:block}}
@media (max-width:36rem){.dates caption{display:block}.dates thead{position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden}.dates,.dates tbody,.dates tr,.dates th,.dates td{display:block}.dates tr{border-top:1px solid var(--rule);padding:.5rem 0}.dates th,.dates td{border:0;padding:.1rem 0}}
[dir=rtl] .chart{transform:scaleX(-1)}
[dir=rtl] .chart text{transform:scaleX(-1);transform-box:fill-box;transform-origin:center}
@media print{.chart rect,.chart circle,.chart path{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media (forced-colors:active){.chart rect,.chart circle,.chart path{forced-color-adjust:none}}
`;
