#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

// Every bound of claimq that is not a queue's policy, with its reason. Each has a test at the bound and one past it.
namespace imapd::limits {

// RFC 7162, section 4 asks for 8,192; clients with long UID lists send more.
inline constexpr std::size_t kCommandLineBytesMax = 64 * 1024;
// Before login nobody has a reason to send long lines or literals (credentials fit).
inline constexpr std::size_t kPreLoginLineBytesMax = 8 * 1024;
inline constexpr std::size_t kPreLoginLiteralBytesMax = 4 * 1024;
// Literals other than APPEND's message: mailbox names, search strings.
inline constexpr std::size_t kLiteralBytesMax = 64 * 1024;
// RFC 7888, section 4: a non-synchronizing literal cannot be refused before it is sent. One that is too big by no more than this is
// skipped, counted, and answered NO [TOOBIG]; beyond it the connection ends.
inline constexpr std::size_t kNonSyncLiteralBytesMax = 4 * 1024 * 1024;
// Advertised as APPENDLIMIT; larger gets NO [TOOBIG] or RESOURCE_EXHAUSTED.
inline constexpr std::size_t kMessageBytesMax = 64 * 1024 * 1024;
// Of large literals that all sessions together may be receiving or storing: every one of the thousands of connections could
// announce a message of kMessageBytesMax. Eight of those at once; a machine that runs this has some times that, as a message is
// held twice while it is parsed. One command may hold kUnreservedLiteralBytesMax without asking: ordinary mail never has to wait.
inline constexpr std::size_t kLiteralBudgetBytes = 512 * 1024 * 1024;
inline constexpr std::size_t kUnreservedLiteralBytesMax = 1024 * 1024;
// Literals of a command must have come this long after the first was announced, and a second for each so many bytes: a slow
// modem's pace. One who announces much and sends little holds what others need.
inline constexpr std::chrono::minutes kLiteralGrace{2};
inline constexpr std::size_t kLiteralBytesPerSecondMin = 16 * 1024;
// Messages of one APPEND (RFC 3502), which is decided as one, or parts of them (RFC 4469). Together they have kMessageBytesMax.
inline constexpr std::size_t kAppendPartsMax = 1'000;
// Times kMessageBytesMax: what one CATENATE may parse to find parts of messages.
inline constexpr std::size_t kCatenateParsedMessagesMax = 4;
inline constexpr int kParenthesisDepthMax = 32;
inline constexpr std::size_t kSearchKeysMax = 1'000;
// Values of filters (RFC 5466) that one search may put together: each key could bring a value of kMetadataValueBytesMax.
inline constexpr std::size_t kFilterBytesMax = 256 * 1024;
// Searches whose result a session is told the changes of (RFC 5267): each is asked again at every change of the mailbox.
inline constexpr std::size_t kSearchContextsMax = 16;
// Messages in the result of a SORT whose changes are told: where each stands is searched for one by one.
inline constexpr std::size_t kSortContextMessagesMax = 20'000;
// Mailboxes that one ESEARCH (RFC 7377) looks through, and the filters that name them.
inline constexpr std::size_t kMultisearchMailboxesMax = 2'000;
inline constexpr std::size_t kMultisearchNamesMax = 500;
// Of the result that `$` stands for (RFC 5182): ranges of UIDs, 8 bytes each, for every session that saves one.
inline constexpr std::size_t kSavedResultRangesMax = 100'000;
// What one SORT may hold while it runs: a million messages by subject and date take about 100 MB.
inline constexpr std::size_t kSortBytesMax = 256 * 1024 * 1024;
// A subject is longer than this only to make sorting dear.
inline constexpr std::size_t kSortValueBytesMax = 1024;
// What one THREAD may hold while it runs: a million messages of mail take about 250 MB.
inline constexpr std::size_t kThreadBytesMax = 512 * 1024 * 1024;
// RFC 5322 bounds References by its line only; mailers cut it at some dozens.
inline constexpr std::size_t kReferencesMax = 1'000;
// Links that one THREAD follows to find loops: a second of CPU at the worst. Real mail takes about one for each message.
inline constexpr std::size_t kThreadStepsMax = 50'000'000;
// Items of one FETCH: each can ask for a whole message.
inline constexpr std::size_t kFetchItemsMax = 1'000;
// What the items of one message may come to that are put together in memory before they are sent (structures, lists of header
// fields): a header of kMessageBytesMax twice. Whole parts are streamed and do not count.
inline constexpr std::size_t kFormedBytesMax = 2 * kMessageBytesMax;
// Patterns of one LIST: each is matched against every mailbox.
inline constexpr std::size_t kListPatternsMax = 100;
// RFC 5464, section 4.1 asks for 1,024 bytes and 10 entries. Entries count for each mailbox (and the server), for each user's own and
// for the shared ones.
inline constexpr std::size_t kMetadataValueBytesMax = 16 * 1024;
inline constexpr std::size_t kMetadataEntriesMax = 100;
inline constexpr std::size_t kMetadataEntryBytesMax = 512;
// Entries that one command may name, of mailboxes (RFC 5464) or of messages (RFC 5257): each can bring all that are below it.
inline constexpr std::size_t kMetadataEntriesPerCommandMax = 100;
// What one session may watch (RFC 5465): each mailbox takes some 300 bytes. Beyond it: NOTIFICATIONOVERFLOW.
inline constexpr std::size_t kNotifyMailboxesMax = 2'000;
// Names of changed annotations that wait for a session to tell them.
inline constexpr std::size_t kMetadataNewsMax = 1'000;
// News of the tree that wait for a session to tell them: beyond it, NOTIFICATIONOVERFLOW.
inline constexpr std::size_t kNotifyTreeNewsMax = 1'000;
// Of one NOTIFY: each name is compared with each mailbox.
inline constexpr std::size_t kNotifyNamesMax = 500;
inline constexpr std::size_t kNotifyGroupsMax = 100;
// Entries of one mailbox's access control list, which is read at every command.
inline constexpr std::size_t kAclEntriesMax = 1'000;
inline constexpr std::size_t kMailboxNameBytesMax = 512;
inline constexpr std::size_t kMailboxDepthMax = 16;
inline constexpr std::size_t kKeywordBytesMax = 128;
inline constexpr std::size_t kKeywordsPerMessageMax = 64;
// Replies not yet taken by the client; beyond it the session stops reading its commands, and ends when this lasts.
inline constexpr std::size_t kUnsentReplyBytesMax = 1024 * 1024;
inline constexpr std::chrono::seconds kSlowReaderTimeout{60};
inline constexpr std::chrono::minutes kAutologout{30};  // RFC 3501, section 5.4.
inline constexpr std::chrono::seconds kPreLoginTimeout{60};
// Logins whose password is being checked or waits for it: some 30 ms each on two threads, so the last one waits about a second.
inline constexpr std::size_t kLoginsWaitingMax = 64;
inline constexpr std::size_t kMimeDepthMax = 64;
inline constexpr std::size_t kMimePartsMax = 2'000;
// Changes read at a time by a session or a watcher that has fallen behind.
inline constexpr std::size_t kChangesPerReadMax = 10'000;
inline constexpr std::size_t kClaimBatchMax = 1'000;
inline constexpr std::size_t kEnqueueBatchMax = 10'000;
inline constexpr std::chrono::milliseconds kLeaseMin{100};
inline constexpr std::chrono::hours kLeaseMax{24};

// What a queue's users may ask for. A worker that needs more than a few attributes sends a body.
inline constexpr std::size_t kAttributesMax = 64;
inline constexpr std::size_t kAttributeNameBytesMax = 128;
inline constexpr std::size_t kAttributeValueBytesMax = 8 * 1024;
inline constexpr std::size_t kContentTypeBytesMax = 512;
inline constexpr std::size_t kKeyBytesMax = 512;  // Keys and groups.
// A text for people to read in a mail client, in a header line.
inline constexpr std::size_t kReasonBytesMax = 512;
inline constexpr std::chrono::hours kDelayMax{366 * 24};
inline constexpr std::uint32_t kFailuresMax = 1'000;
inline constexpr std::size_t kPeekBatchMax = 1'000;
// Messages that one Peek looks at when few of them are of the kind asked for.
inline constexpr std::size_t kPeekScanMax = 10'000;

}  // namespace imapd::limits
