/** The developers' pages: programs to copy, and tables that become lists on narrow screens. */
export const docsStyle = `
.tabs ul,.contents ul{list-style:none;padding:0;display:flex;flex-wrap:wrap;gap:.3rem .5rem}
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
`;

/** The page "check it yourself": its picture, and commands that one click marks whole. */
export const checkStyle = `
.picture{margin:1rem 0;max-width:24rem}
.picture svg{display:block;width:100%;height:auto}
.picture .line{fill:none;stroke:var(--edge);stroke-width:1.5}
.picture .way{fill:none;stroke:var(--alder);stroke-width:2.5}
.picture .box{fill:var(--card);stroke:var(--edge);stroke-width:1.5}
.picture .mine{fill:var(--alder-soft);stroke:var(--alder);stroke-width:2.5}
.picture .seal{fill:var(--alder);stroke:none}
.picture .tick{fill:none;stroke:var(--paper);stroke-width:2.5}
.picture text{fill:var(--ink);font-size:13px;text-anchor:middle}
.command{background:var(--card);border:1px solid var(--rule);border-radius:.5rem;padding:.7rem 1rem;white-space:pre-wrap;margin:.4rem 0}
.command code{user-select:all;-webkit-user-select:all}
.log-reference{color:var(--mute);font-size:.9rem}
.log-reference a{margin-inline-start:.6rem}
`;

/** The pages of officials and city IT: lists of pending items as cards, and texts to copy. */
export const officialsStyle = `
.waits{display:grid;gap:1rem;padding:0}
.waits>li.card{margin:0;border:1px solid var(--rule);padding:1rem 1.1rem}
.waits>li.card h3,.waits>li.card h4{margin:.2rem 0 .3rem;font-size:1.06rem}
.waits>li.card>p{margin-block:.4rem}
.waits>li.card>:last-child{margin-block-end:0}
.buttons{margin-block-start:1rem}
pre.copy{white-space:pre-wrap;overflow-wrap:anywhere;background:var(--card);border:1px solid var(--rule);border-radius:.4rem;padding:.8rem 1rem;font-size:.88rem}
.own{margin-block-start:2.4rem}
`;

/** The agenda packet: paper first, and the same on a screen. */
export const packetStyle = `
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
`;

/** Forms that ask for a passkey: the button where the script runs, words where it does not. Set before anything is painted, so nothing moves. */
export const passkeysStyle = `
.passkey{margin:1rem 0}
.passkey button{width:100%;max-width:24rem}
html:not(.scripted) .passkey button,.scripted .unscripted{display:none}
.votes{list-style:none;margin:0;padding:0}
.facts dd>p{margin:0}
.keys li{padding:.7rem 0;border-top:1px solid var(--rule)}
.keys li>a{display:block;width:fit-content;padding:.3rem 0}
`;
