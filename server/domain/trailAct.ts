/** What can be done with the trail itself. `Found` is a regulator's finding. */
export const trailActs = ["Searched", "Shown", "Exported", "Found"] as const;
export type TrailAct = (typeof trailActs)[number];
