import type { ReactNode } from "react";

/** What is shown of a value; a dash where there is none, so that nothing looks forgotten. */
export const orDash = (shown: ReactNode): ReactNode => (shown === "" || shown === null ? "–" : shown);
