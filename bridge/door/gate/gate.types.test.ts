/**
 * What the compiler refuses at the gate. Nothing here runs: the type check of the project fails where one of these begins
 * to compile (without `NoInfer` the first of them did).
 */
import { test } from "node:test";
import type { ShareProof, Signed } from "@troth/protocol";
import type { ShareRecord } from "@troth/transparency";
import type { RecipientClient } from "../delivery/recipient-client.ts";
import { type Minted, type Parcel, packShare, type Shareable } from "./gate.ts";

declare const record: ShareRecord;
declare const proof: ShareProof;
declare const grant: Signed;
declare const number: Shareable<"friend_suggestions", "phone_number">;
declare const numberForAds: Shareable<"relevant_ads", "phone_number">;
declare const client: RecipientClient;

function _misuse(minted: Minted<"relevant_ads">): void {
	// A value that was permitted for one purpose, sent for another.
	// @ts-expect-error
	packShare("relevant_ads", record, proof, grant, [number]);
	// One of each.
	// @ts-expect-error
	packShare("relevant_ads", record, proof, grant, [numberForAds, number]);
	// A value that nobody decided about.
	// @ts-expect-error
	packShare("relevant_ads", record, proof, grant, [{ purpose: "relevant_ads", field: "phone_number", value: "+1" }]);
	// A field that the purpose does not have.
	// @ts-expect-error
	const _field: Shareable<"friend_suggestions", "os"> = number;
	// A value of another field.
	// @ts-expect-error
	const _other: Shareable<"relevant_ads", "os"> = numberForAds;
	// A purpose that is not in the catalogue.
	// @ts-expect-error
	packShare("ads.match", record, proof, grant, []);
	// What was not looked at whether it is permitted.
	// @ts-expect-error
	packShare("relevant_ads", record, proof, grant, minted.values);
	// Something that was never packed.
	// @ts-expect-error
	client.deliver([{ item: {} }], []);
	// A parcel out of thin air.
	// @ts-expect-error
	const _parcel: Parcel = { item: {} as Parcel["item"] };

	// And what is meant to compile does.
	if (minted.permit) client.deliver([packShare("relevant_ads", record, proof, minted.grant, minted.values)], []);
	packShare("friend_suggestions", record, proof, grant, [number]);
}

test("the type check holds the misuse cases of the gate", () => {});
