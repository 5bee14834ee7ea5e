/** What can be done with the trail itself. `Found` is a regulator's finding; `Configured` is the gateway's own: its settings changed. */
export const trailActs = ["Searched", "Shown", "Exported", "Found", "Configured"] as const;
export type TrailAct = (typeof trailActs)[number];
