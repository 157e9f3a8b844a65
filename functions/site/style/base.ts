/** Colours, type and the frame of every page. Both schemes reach WCAG AA; nothing is told by colour alone. */
export const baseStyle = `
:root{color-scheme:light dark;--paper:#fbf9f4;--card:#fff;--ink:#1d1f1c;--mute:#575c52;--rule:#d9d5c9;--edge:#7d8177;--alder:#1f4d3a;--alder-soft:#e6efe9;--on:#17603b;--off:#5b5f57;--wait:#8a5a00;--wait-soft:#fdf1d8;--no:#9b2c1f;--no-soft:#fbe9e6;--focus:#0b61d8}
@media (prefers-color-scheme:dark){:root{--paper:#141713;--card:#1c201b;--ink:#ecebe4;--mute:#a9ada2;--rule:#353a33;--edge:#83887c;--alder:#8fd0ae;--alder-soft:#1d2f26;--on:#7fd6a3;--off:#b3b7ac;--wait:#f0bf62;--wait-soft:#33290f;--no:#f0988b;--no-soft:#38201c;--focus:#8ab8ff}}
*,::before,::after{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:1.0625rem/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;overflow-wrap:anywhere}
a{color:var(--alder);text-underline-offset:.18em}
:focus-visible,input[type=date]:focus-within{outline:3px solid var(--focus);outline-offset:2px;border-radius:.15rem}
.skip{position:absolute;inset-inline-start:-200vw;top:0;background:var(--card);padding:.8rem 1.1rem;z-index:1}
.skip:focus{inset-inline-start:0}
.bar{border-bottom:1px solid var(--rule);padding:.5rem 1.1rem;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;align-items:baseline}
.bar .home{color:var(--alder);font-weight:700;letter-spacing:.01em;text-decoration:none;padding:.3rem 0}
.bar nav{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem}
.bar nav a,.bar .lang{padding:.3rem 0;font-size:.95rem}
.bar .lang{margin-inline-start:auto}
.bar [aria-current]{color:var(--ink);font-weight:600;text-decoration-thickness:2px}
main{max-width:44rem;margin:0 auto;padding:1.4rem 1.1rem 4rem}
main.wide{max-width:64rem}
main:focus{outline:none}
footer{max-width:64rem;margin:0 auto;padding:1.2rem 1.1rem 2.5rem;color:var(--mute);font-size:.92rem;border-top:1px solid var(--rule)}
h1{font-size:1.75rem;line-height:1.2;margin:.1rem 0 .6rem;text-wrap:balance}
h2{font-size:1.2rem;line-height:1.3;margin:2.2rem 0 .6rem}
h3{font-size:1.02rem;margin:1.4rem 0 .3rem}
p,ul,ol,dl{margin:.6rem 0}
code{font-size:.9em;overflow-wrap:anywhere}
small,.fine{color:var(--mute);font-size:.9rem}
.eyebrow{font-size:.97rem;color:var(--wait);font-weight:600;margin:0 0 .3rem}
.eyebrow.calm{color:var(--mute)}
.lead{font-size:1.1rem}
.flow>*+*{margin-top:1rem}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@media print{:root{--paper:#fff;--card:#fff;--ink:#000;--mute:#333;--rule:#999;--alder:#000;--alder-soft:#fff;--on:#000;--off:#000;--wait:#000;--wait-soft:#fff;--no:#000;--no-soft:#fff}.bar nav,.lang,.skip,form,.formats{display:none}main,main.wide{max-width:none;padding:0}h2{break-after:avoid}tr,li,.card{break-inside:avoid}details::details-content{content-visibility:visible;block-size:auto}}
@media (prefers-reduced-motion:no-preference){html{scroll-behavior:smooth}}
`;
