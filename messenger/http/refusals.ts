/** The one place where a refusal becomes a Connect error. What is not a refusal tells a client nothing. */
import { Code, ConnectError } from "@connectrpc/connect";
import { codeToHttpStatus, errorToJsonBytes } from "@connectrpc/connect/protocol-connect";
import { ErrorDetailSchema, Refusal, type RefusalCode, toErrorDetail } from "@troth/protocol";
import { StoreError } from "@troth/storage";

const CONNECT_CODES: Record<RefusalCode, Code> = {
	MALFORMED: Code.InvalidArgument,
	TOO_LARGE: Code.ResourceExhausted,
	UNAUTHENTICATED: Code.Unauthenticated,
	FORBIDDEN: Code.PermissionDenied,
	NOT_FOUND: Code.NotFound,
	RATE_LIMITED: Code.ResourceExhausted,
	INTERNAL: Code.Internal,
	UNAVAILABLE: Code.Unavailable,
	VERSION_UNSUPPORTED: Code.FailedPrecondition,
	PHONE_INVALID: Code.InvalidArgument,
	CODE_WRONG: Code.InvalidArgument,
	CODE_LOCKED: Code.FailedPrecondition,
	CODE_EXPIRED: Code.FailedPrecondition,
	REGISTRATION_TOKEN_INVALID: Code.PermissionDenied,
	DEVICE_LIST_INVALID: Code.InvalidArgument,
	DEVICE_LIST_STALE: Code.Aborted,
	DEVICE_REMOVED: Code.Unauthenticated,
	DEVICE_UNLINKED: Code.Unauthenticated,
	DEVICES_FULL: Code.ResourceExhausted,
	KEY_PACKAGE_INVALID: Code.InvalidArgument,
	NO_KEY_PACKAGE: Code.FailedPrecondition,
	TERMS_NOT_ACCEPTED: Code.FailedPrecondition,
	TERMS_VERSION_UNKNOWN: Code.FailedPrecondition,
	PURPOSE_UNKNOWN: Code.InvalidArgument,
	CONSENT_CONFLICT: Code.Aborted,
	PURPOSE_NOT_ALLOWED: Code.FailedPrecondition,
	KEYS_CHANGED: Code.FailedPrecondition,
	NUMBER_LOCKED: Code.FailedPrecondition,
	PIN_WRONG: Code.PermissionDenied,
	PIN_LOCKED: Code.FailedPrecondition,
	NUMBER_CHANGED_RECENTLY: Code.FailedPrecondition,
	NUMBER_RESTING: Code.FailedPrecondition,
	SUSPENDED: Code.FailedPrecondition,
	STALE_EPOCH: Code.Aborted,
	SEQ_OUT_OF_ORDER: Code.Aborted,
	SEQ_REUSED: Code.FailedPrecondition,
	SEQ_TOO_OLD: Code.OutOfRange,
	COMMIT_REQUIRED: Code.FailedPrecondition,
	NOT_A_MEMBER: Code.PermissionDenied,
	CONVERSATION_EXISTS: Code.AlreadyExists,
	COMMIT_INVALID: Code.InvalidArgument,
	GROUP_FULL: Code.FailedPrecondition,
	CIPHER_SUITE_UNSUPPORTED: Code.InvalidArgument,
	BLOCKED: Code.PermissionDenied,
	CATEGORY_INVALID: Code.InvalidArgument,
	CATEGORY_STOPPED: Code.PermissionDenied,
	CATEGORY_NOT_ALLOWED: Code.PermissionDenied,
	WINDOW_CLOSED: Code.FailedPrecondition,
	USERNAME_INVALID: Code.InvalidArgument,
	USERNAME_TAKEN: Code.AlreadyExists,
};

/** What a client is told about any error. */
export function toRefusal(error: unknown): Refusal {
	if (error instanceof Refusal) return error;
	if (error instanceof StoreError && error.code === "StoreFull")
		return new Refusal("UNAVAILABLE", "the store takes nothing now", { cause: error });
	return new Refusal("INTERNAL", "", { cause: error });
}

/** The Connect form of a refusal: its code, and an ErrorDetail with everything else. The cause stays here. */
export function toConnectError(refusal: Refusal): ConnectError {
	return new ConnectError(refusal.message, CONNECT_CODES[refusal.code], undefined, [
		{ desc: ErrorDetailSchema, value: toErrorDetail(refusal) },
	]);
}

/** What goes out on HTTP for a refusal. */
export function toErrorAnswer(refusal: Refusal): { readonly status: number; readonly body: Uint8Array } {
	const error = toConnectError(refusal);
	return { status: codeToHttpStatus(error.code), body: errorToJsonBytes(error, undefined) };
}
