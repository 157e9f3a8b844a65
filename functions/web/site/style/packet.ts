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
@media print{.packet{font-size:10.5pt;line-height:1.4}.packet h1{font-size:17pt}.packet h2{font-size:13pt;margin-block-start:5mm}.packet section{break-before:page;border:0;margin:0}.packet section:first-of-type{break-before:auto}.packet .keep,.packet tr,.packet .road li,.packet .says{break-inside:avoid}.packet h2,.packet h3,.packet h4,.packet .note,.packet caption{break-after:avoid}.packet p{orphans:3;widows:3}.packet .impact th,.packet .impact td{padding-block:.7mm}.packet .road li{padding-block-end:1mm}.packet .says .text{font-size:10.5pt}.packet .sheet th,.packet .sheet td{padding-block:1mm}.packet .screen{display:none}.packet ~ *{display:none}}
`;
