/** The pages of the settings, loaded when the first of them is opened. */
import { BackupPage } from "../archive/backup-page.tsx";
import type { SettingsPage } from "../routing/routes.ts";
import { SharesPage } from "../sharing/shares-page.tsx";
import { SharingPage } from "../sharing/sharing-page.tsx";
import { AboutMePage } from "./about-me-page.tsx";
import { BlockedPage } from "./blocked-page.tsx";
import { ChangeNumberPage } from "./change-number-page.tsx";
import { DeleteAccountPage } from "./delete-account-page.tsx";
import { DevicesPage } from "./devices-page.tsx";
import { NotificationsPage } from "./notifications-page.tsx";
import { PrivacyPage } from "./privacy-page.tsx";
import { RegistrationLockPage } from "./registration-lock-page.tsx";
import { StoragePage } from "./storage-page.tsx";
import { TermsPage } from "./terms-page.tsx";

/** One page of the settings. */
export function SettingsPagePane({ page }: { readonly page: SettingsPage }) {
	switch (page) {
		case "devices":
			return <DevicesPage />;
		case "blocked":
			return <BlockedPage />;
		case "notifications":
			return <NotificationsPage />;
		case "privacy":
			return <PrivacyPage />;
		case "terms":
			return <TermsPage />;
		case "storage":
			return <StoragePage />;
		case "backup":
			return <BackupPage />;
		case "sharing":
			return <SharingPage />;
		case "shares":
			return <SharesPage />;
		case "change-number":
			return <ChangeNumberPage />;
		case "registration-lock":
			return <RegistrationLockPage />;
		case "about-me":
			return <AboutMePage />;
		case "delete-account":
			return <DeleteAccountPage />;
	}
}
