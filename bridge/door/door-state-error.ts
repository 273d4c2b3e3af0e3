/** The door's store, its log and the messenger's records are not of one history; or another process writes there. */
export class DoorStateError extends Error {
	override readonly name = "DoorStateError";
}
