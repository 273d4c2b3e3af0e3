/** How what ts-mls throws becomes an `MlsRefusal`: hostile bytes end in a code, never in a stray TypeError. */
import { type MlsErrorCode, MlsRefusal } from "./engine.ts";

/** Runs a step whose failure means `code`. The library's error stays as the cause. */
export async function refusing<T>(code: MlsErrorCode, message: string, step: () => Promise<T>): Promise<T> {
	try {
		return await step();
	} catch (cause) {
		if (cause instanceof MlsRefusal) throw cause;
		throw new MlsRefusal(code, message, { cause });
	}
}

/** Throws the refusal unless the condition holds. */
export function require(condition: boolean, code: MlsErrorCode, message: string): asserts condition {
	if (!condition) throw new MlsRefusal(code, message);
}
