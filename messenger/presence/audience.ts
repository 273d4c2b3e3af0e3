/** Audiences on the wire. */
import { Audience } from "@troth/protocol";
import type { AudienceName } from "./tables.ts";

export const AUDIENCES: Readonly<Record<AudienceName, Audience>> = {
	everyone: Audience.EVERYONE,
	contacts: Audience.CONTACTS,
	nobody: Audience.NOBODY,
};

/** Undefined for what is none. */
export function audienceName(audience: Audience): AudienceName | undefined {
	return (Object.keys(AUDIENCES) as AudienceName[]).find((name) => AUDIENCES[name] === audience);
}
