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
