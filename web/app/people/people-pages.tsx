import type { PeoplePage } from "../routing/routes.ts";
import { ByNamePage } from "./by-name-page.tsx";
import { ContactsPage } from "./contacts-page.tsx";
import { InvitePage } from "./invite-page.tsx";
import { ReachMePage } from "./reach-me-page.tsx";

/** One page beside "new chat". */
export function PeoplePagePane({ page }: { readonly page: PeoplePage }) {
	switch (page) {
		case "by-name":
			return <ByNamePage />;
		case "contacts":
			return <ContactsPage />;
		case "invite":
			return <InvitePage />;
		case "reach-me":
			return <ReachMePage />;
	}
}
