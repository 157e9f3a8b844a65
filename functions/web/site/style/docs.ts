/** The developers' pages: programs to copy, and tables that become lists where there is no room for columns. */
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
@media (max-width:40rem){.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.stack,.stack tbody,.stack tr,.stack th,.stack td{display:block}.stack tr{border-top:1px solid var(--rule);padding:.5rem 0}.stack th,.stack td{border:0;padding:.15rem 0}.stack [data-label]::before{content:attr(data-label)": ";color:var(--mute);font-size:.9rem;font-weight:400}}
`;
