/** Every method of the contract, the function that answers it, and whether it needs a session. */
import {
	AboutMeService,
	AbuseService,
	AccountService,
	ArchiveService,
	BlobService,
	BusinessService,
	ConversationService,
	FindingService,
	KeyService,
	LinkingService,
	PresenceService,
	ProfileService,
	PushService,
	RegistrationService,
	ServerService,
	SessionService,
	SharingService,
	TermsService,
} from "@troth/protocol";
import { getAboutMe } from "../about-me/get-about-me.ts";
import { getLimits } from "../abuse/get-limits.ts";
import { objectToAction } from "../abuse/object-to-action.ts";
import { reportAccount } from "../abuse/report-account.ts";
import { blockAccount } from "../accounts/block-account.ts";
import { certifyNumber } from "../accounts/certify-number.ts";
import { changeNumber } from "../accounts/change-number.ts";
import { deleteAccount } from "../accounts/delete-account.ts";
import { getDeviceLists } from "../accounts/get-device-lists.ts";
import { getOwnAccount } from "../accounts/get-own-account.ts";
import { lookUpNumber } from "../accounts/look-up-number.ts";
import { publishDeviceList } from "../accounts/publish-device-list.ts";
import { unblockAccount } from "../accounts/unblock-account.ts";
import { deleteArchive } from "../archives/delete-archive.ts";
import { getArchivePart } from "../archives/get-archive-part.ts";
import { listArchives } from "../archives/list-archives.ts";
import { putArchivePart } from "../archives/put-archive-part.ts";
import { getBlob } from "../blobs/get-blob.ts";
import { getBusinessPreferences } from "../business/get-business-preferences.ts";
import { getConsentReceipt } from "../business/get-consent-receipt.ts";
import { getTemplate } from "../business/get-template.ts";
import { listBusinesses } from "../business/list-businesses.ts";
import { putTemplate } from "../business/put-template.ts";
import { setBusinessPreference } from "../business/set-business-preference.ts";
import { commitToConversation } from "../conversations/commit-to-conversation.ts";
import { createConversation } from "../conversations/create-conversation.ts";
import { getConversation } from "../conversations/get-conversation.ts";
import { leaveConversation } from "../conversations/leave-conversation.ts";
import { listConversations } from "../conversations/list-conversations.ts";
import { getFinding } from "../finding/get-finding.ts";
import { lookUpContactLink } from "../finding/look-up-contact-link.ts";
import { lookUpNumbers } from "../finding/look-up-numbers.ts";
import { lookUpUsername } from "../finding/look-up-username.ts";
import { removeContactLink } from "../finding/remove-contact-link.ts";
import { removeUsername } from "../finding/remove-username.ts";
import { setContactLink } from "../finding/set-contact-link.ts";
import { setFindable } from "../finding/set-findable.ts";
import { setUsername } from "../finding/set-username.ts";
import { getServerInfo } from "../info/get-server-info.ts";
import { claimKeyPackages } from "../keys/claim-key-packages.ts";
import { countKeyPackages } from "../keys/count-key-packages.ts";
import { publishKeyPackages } from "../keys/publish-key-packages.ts";
import { closeMailbox } from "../linking/close-mailbox.ts";
import { openMailbox } from "../linking/open-mailbox.ts";
import { putLetter } from "../linking/put-letter.ts";
import { takeLetter } from "../linking/take-letter.ts";
import { tellOwnDevices } from "../linking/tell-own-devices.ts";
import { getPresenceAudience } from "../presence/get-presence-audience.ts";
import { setPresenceAudience } from "../presence/set-presence-audience.ts";
import { deleteProfilePhoto } from "../profile-photos/delete-profile-photo.ts";
import { getProfilePhoto } from "../profile-photos/get-profile-photo.ts";
import { putProfilePhoto } from "../profile-photos/put-profile-photo.ts";
import { getPush } from "../push/get-push.ts";
import { subscribePush } from "../push/subscribe-push.ts";
import { unsubscribePush } from "../push/unsubscribe-push.ts";
import { createAccount } from "../registration/create-account.ts";
import { removeRegistrationLock } from "../registration/lock/remove-registration-lock.ts";
import { setRegistrationLock } from "../registration/lock/set-registration-lock.ts";
import { unlockNumber } from "../registration/lock/unlock-number.ts";
import { requestCode } from "../registration/request-code.ts";
import { resendCode } from "../registration/resend-code.ts";
import { verifyCode } from "../registration/verify-code.ts";
import { createSession } from "../sessions/create-session.ts";
import { getChallenge } from "../sessions/get-challenge.ts";
import { confirmNotice } from "../sharing/confirm-notice.ts";
import { decidePurposes } from "../sharing/decide-purposes.ts";
import { describePerson } from "../sharing/describe-person.ts";
import { getStanding } from "../sharing/get-standing.ts";
import { listShares } from "../sharing/list-shares.ts";
import { acceptTerms } from "../terms/accept-terms.ts";
import { getTerms } from "../terms/get-terms.ts";
import { open, type Route, withSession } from "./endpoint.ts";

export const METHODS: readonly Route[] = [
	open(ServerService.method.getServerInfo, getServerInfo),

	open(RegistrationService.method.requestCode, requestCode),
	open(RegistrationService.method.resendCode, resendCode),
	open(RegistrationService.method.verifyCode, verifyCode),
	open(RegistrationService.method.unlockNumber, unlockNumber),
	open(RegistrationService.method.createAccount, createAccount),

	open(SessionService.method.getChallenge, getChallenge),
	open(SessionService.method.createSession, createSession),

	withSession(AccountService.method.lookUpNumber, lookUpNumber),
	withSession(AccountService.method.getDeviceLists, getDeviceLists),
	withSession(AccountService.method.publishDeviceList, publishDeviceList),
	withSession(AccountService.method.getOwnAccount, getOwnAccount),
	withSession(AccountService.method.blockAccount, blockAccount),
	withSession(AccountService.method.unblockAccount, unblockAccount),
	withSession(AccountService.method.deleteAccount, deleteAccount),
	withSession(AccountService.method.changeNumber, changeNumber),
	withSession(AccountService.method.setRegistrationLock, setRegistrationLock),
	withSession(AccountService.method.removeRegistrationLock, removeRegistrationLock),

	withSession(ProfileService.method.putProfilePhoto, putProfilePhoto),
	withSession(ProfileService.method.getProfilePhoto, getProfilePhoto),
	withSession(ProfileService.method.deleteProfilePhoto, deleteProfilePhoto),
	withSession(ProfileService.method.certifyNumber, certifyNumber),

	withSession(AboutMeService.method.getAboutMe, getAboutMe),

	withSession(FindingService.method.lookUpNumbers, lookUpNumbers),
	withSession(FindingService.method.lookUpUsername, lookUpUsername),
	withSession(FindingService.method.lookUpContactLink, lookUpContactLink),
	withSession(FindingService.method.getFinding, getFinding),
	withSession(FindingService.method.setFindable, setFindable),
	withSession(FindingService.method.setUsername, setUsername),
	withSession(FindingService.method.removeUsername, removeUsername),
	withSession(FindingService.method.setContactLink, setContactLink),
	withSession(FindingService.method.removeContactLink, removeContactLink),

	withSession(AbuseService.method.getLimits, getLimits),
	withSession(AbuseService.method.objectToAction, objectToAction),
	withSession(AbuseService.method.reportAccount, reportAccount),

	withSession(KeyService.method.publishKeyPackages, publishKeyPackages),
	withSession(KeyService.method.countKeyPackages, countKeyPackages),
	withSession(KeyService.method.claimKeyPackages, claimKeyPackages),

	withSession(PresenceService.method.getPresenceAudience, getPresenceAudience),
	withSession(PresenceService.method.setPresenceAudience, setPresenceAudience),

	withSession(PushService.method.getPush, getPush),
	withSession(PushService.method.subscribePush, subscribePush),
	withSession(PushService.method.unsubscribePush, unsubscribePush),

	open(LinkingService.method.openMailbox, openMailbox),
	open(LinkingService.method.putLetter, putLetter),
	open(LinkingService.method.takeLetter, takeLetter),
	open(LinkingService.method.closeMailbox, closeMailbox),
	withSession(LinkingService.method.tellOwnDevices, tellOwnDevices),

	open(TermsService.method.getTerms, getTerms),
	withSession(TermsService.method.acceptTerms, acceptTerms),

	withSession(SharingService.method.getStanding, getStanding),
	withSession(SharingService.method.confirmNotice, confirmNotice),
	withSession(SharingService.method.decidePurposes, decidePurposes),
	withSession(SharingService.method.describePerson, describePerson),
	withSession(SharingService.method.listShares, listShares),

	withSession(ConversationService.method.createConversation, createConversation),
	withSession(ConversationService.method.commitToConversation, commitToConversation),
	withSession(ConversationService.method.getConversation, getConversation),
	withSession(ConversationService.method.listConversations, listConversations),
	withSession(ConversationService.method.leaveConversation, leaveConversation),

	withSession(BlobService.method.getBlob, getBlob),

	withSession(ArchiveService.method.putArchivePart, putArchivePart),
	withSession(ArchiveService.method.getArchivePart, getArchivePart),
	withSession(ArchiveService.method.listArchives, listArchives),
	withSession(ArchiveService.method.deleteArchive, deleteArchive),

	withSession(BusinessService.method.listBusinesses, listBusinesses),
	withSession(BusinessService.method.getBusinessPreferences, getBusinessPreferences),
	withSession(BusinessService.method.setBusinessPreference, setBusinessPreference),
	withSession(BusinessService.method.getTemplate, getTemplate),
	withSession(BusinessService.method.putTemplate, putTemplate),
	withSession(BusinessService.method.getConsentReceipt, getConsentReceipt),
];
