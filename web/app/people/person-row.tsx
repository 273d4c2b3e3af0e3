/** A person in a list: face, name, number. */
import type { Person } from "@troth/client/device/api.ts";
import type { ReactNode } from "react";
import { nameOf } from "../state/preview.ts";
import { Avatar } from "../ui/avatar.tsx";
import { useTitle } from "./use-numbers.ts";

export interface PersonRowProps {
	readonly person: Person;
	readonly detail?: string | undefined;
	readonly trailing?: ReactNode;
}

export function PersonRow({ person, detail, trailing }: PersonRowProps) {
	const titleOf = useTitle();
	const name = nameOf(person);
	const below = detail ?? (person.name === undefined || person.phone === undefined ? undefined : titleOf(person.phone));
	return (
		<span className="flex min-h-14 min-w-0 flex-1 items-center gap-3">
			<Avatar id={person.account} name={person.self ? (person.name ?? name) : name} photo={person.photo} size={42} />
			<span className="min-w-0 flex-1">
				<span className="block truncate font-semibold">{titleOf(name)}</span>
				{below !== undefined && <span className="block truncate text-muted text-xs">{below}</span>}
			</span>
			{trailing}
		</span>
	);
}
