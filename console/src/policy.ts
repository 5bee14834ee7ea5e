import { config } from "zod";
import { nonce } from "./nonce.ts";

// The page's policy forbids code that is made of text and styles without its nonce. Packages that try either anyway are told so here, before
// anything else runs.
config({ jitless: true });

const { createElement, createElementNS } = document;
document.createElement = ((...asked: Parameters<typeof createElement>) =>
  withNonce(createElement.apply(document, asked))) as typeof createElement;
document.createElementNS = ((...asked: Parameters<typeof createElementNS>) =>
  withNonce(createElementNS.apply(document, asked))) as typeof createElementNS;

function withNonce<T extends Element>(made: T): T {
  if (made instanceof HTMLStyleElement || made instanceof SVGStyleElement) made.nonce = nonce;
  return made;
}
