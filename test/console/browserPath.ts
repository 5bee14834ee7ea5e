import { existsSync } from "node:fs";

const usual = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const named = process.env.DATAPACT_TEST_BROWSER;

/** The browser of this machine; undefined if it has none. Throws if one was named that is not there. */
export const browserPath = named ?? usual.find((path) => existsSync(path));
if (named !== undefined && !existsSync(named)) throw new Error(`there is no browser at ${named}`);
