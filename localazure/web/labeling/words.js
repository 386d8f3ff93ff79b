// What an error means for the person at the page, and what to do about it.
// Owns: the sentences. Leaves: where they are shown to the pages.

const SAID = {
  Offline: ["There is no connection to the labeling server.", "Your work is kept in this browser and goes out when the connection is back."],
  Late: ["The labeling server did not answer in time.", "Your work is kept in this browser; try again in a moment."],
  InvalidToken: ["This link is not valid.", "Check that it was copied whole, or ask for a new one."],
  TokenUsed: ["This link was used before; a link signs in once.", "Ask the person who invited you for a new one (visionlab labeling invite)."],
  TokenExpired: ["This link has expired.", "Ask the person who invited you for a new one (visionlab labeling invite)."],
  TokenRevoked: ["This link was taken back.", "Ask the person who runs the project whether you are still part of it."],
  LeaseOver: ["Your time for this picture was over, and somebody else has it now.", "Leave it to them, or keep yours until they are done."],
  VersionConflict: ["This picture was changed after you opened it, perhaps in another tab.", "Look at both and choose which labels stay."],
  AlreadyDone: ["This picture is labelled already, perhaps from another tab.", "Nothing is lost: its labels are the ones that came first."],
  NotRunning: ["The project is paused.", "Your work is kept in this browser and goes out when the project runs again."],
  InvalidState: ["The project is not in the state that this needs.", "Pause or resume it first."],
  UnknownClass: ["One of the labels is not a class of this project any more.", "Reload the page, then label the picture again."],
  OutsideImage: ["A shape lies outside of the picture.", "Move it inside, or delete it."],
  ZeroSize: ["A shape has no size.", "Delete it and draw it again."],
  NothingLabeled: ["There is a picture without a label.", "Label it, or skip it."],
  TooManyClasses: ["A picture has more labels than this project allows.", "Keep one."],
  MissingImage: ["The picture is not in the storage any more.", "Skip it; whoever runs the project sees it on the data page."],
  UndecodableImage: ["This file cannot be shown as a picture.", "Skip it; whoever runs the project sees it on the data page."],
};

const BY_STATUS = {
  401: ["You are not signed in, or your session has ended.", "Open your personal link again, or ask for a new one (visionlab labeling invite)."],
  403: ["Your role in this project does not allow this.", "Ask the person who runs the project."],
  404: ["That is not there any more.", "Go back and look again."],
  413: ["That is larger than the server takes.", "Send less at once."],
  429: ["The server is busy.", "Try again in a moment."],
};

/** {said, hint} for an error's status and code; `message` is the server's own sentence. */
export function wordsFor(status, code, message) {
  const known = SAID[code];
  if (known) return { said: known[0], hint: known[1] };
  const general = BY_STATUS[status];
  if (general && (status !== 404 || !message)) return { said: general[0], hint: general[1] };
  if (status >= 500) return { said: message || "The server stumbled.", hint: "Try again; the server's log says more." };
  return { said: message || `The server answered ${status}.`, hint: "" };
}
