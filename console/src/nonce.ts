/** What the page's policy asks of every style that is put into it. */
export const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? "";

/** Gives the nonce to every style element that the page's own scripts make: some parts of the component library forget it. */
export function bearNonce(): void {
  const create = document.createElement;
  document.createElement = ((name: string, options?: ElementCreationOptions): HTMLElement => {
    const made = create.call(document, name, options);
    if (made instanceof HTMLStyleElement) made.nonce = nonce;
    return made;
  }) as typeof document.createElement;
}
