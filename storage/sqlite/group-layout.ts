/** The numbers that both halves of a group's layout share. */

export const ITEM = { transaction: 1, reset: 2 } as const;

export const STEP = {
	append: 1,
	acknowledge: 2,
	create: 3,
	epoch: 4,
	pendingRemovals: 5,
	subscribe: 6,
	unsubscribe: 7,
	floor: 8,
	trim: 9,
	register: 10,
} as const;

export const GROUP_KIND = ["direct", "group"] as const;
export const ROLE = ["member", "admin"] as const;
