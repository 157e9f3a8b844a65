/** What officials and city IT use: lists of things that wait, each a card; what is to be copied. */
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
