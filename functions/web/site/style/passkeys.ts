/** Forms that ask for a passkey: the button where the script runs, words where it does not. Set before anything is painted, so nothing moves. */
export const passkeysStyle = `
.passkey{margin:1rem 0}
.passkey button{width:100%;max-width:24rem}
html:not(.scripted) .passkey button,.scripted .unscripted{display:none}
.votes{list-style:none;margin:0;padding:0}
.facts dd>p{margin:0}
.keys li{padding:.7rem 0;border-top:1px solid var(--rule)}
.keys li>a{margin-inline-start:.6rem}
`;
