#include "imapd/wire/parse_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/wire/describe.h"

namespace imapd::wire {
namespace {

struct Row {
  const char* command;   // Without its line end.
  const char* expected;  // Of describe().
};

constexpr FramerLimits kLimits{
    .line_bytes_max = 4'096, .literal_bytes_max = 4'096, .message_bytes_max = 4'096, .swallow_bytes_max = 4'096};

// The whole way of a command: through the framer, whole and cut at every place, then parsed.
void expect_parsed(const Row& row) {
  const std::string bytes = std::string(row.command) + "\r\n";
  std::string frame;
  for (const std::string& event : run_framer_every_way(kLimits, bytes)) {
    if (event.starts_with("frame:")) frame = event.substr(6);
  }
  EXPECT_EQ(frame, bytes);
  EXPECT_EQ(parse_and_describe(frame), row.expected) << row.command;
  EXPECT_EQ(parse_and_describe(row.command), row.expected) << "without line end: " << row.command;
}

template <std::size_t size>
void expect_parsed(const Row (&rows)[size]) {
  for (const Row& row : rows) expect_parsed(row);
}

TEST(ParseCommandTest, WithoutArguments) {
  constexpr Row kRows[] = {
      {"a CAPABILITY", "a CAPABILITY"},
      {"a1 noop", "a1 NOOP"},
      {"A.1 Logout", "A.1 LOGOUT"},
      {"] STARTTLS", "] STARTTLS"},
      {"a NAMESPACE", "a NAMESPACE"},
      {"a CHECK", "a CHECK"},
      {"a CLOSE", "a CLOSE"},
      {"a UNSELECT", "a UNSELECT"},
      {"a EXPUNGE", "a EXPUNGE"},
      {"a IDLE", "a IDLE"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, LoginAndIdentification) {
  constexpr Row kRows[] = {
      {"a LOGIN fred secret", "a LOGIN [fred] [secret]"},
      {"a LOGIN \"fred\" \"a\\\"b\\\\c d\"", "a LOGIN [fred] [a\"b\\c d]"},
      {"a LOGIN {4}\r\nfr\r\n {3+}\r\nx\"]", "a LOGIN [fr\r\n] [x\"]]"},
      {"a LOGIN {2}\nab {0}\n", "a LOGIN [ab] []"},
      {"a LOGIN {2}\r\n\xc3\xa9 NIL", "a LOGIN [\xc3\xa9] [NIL]"},
      {"a LOGIN a] \"\"", "a LOGIN [a]] []"},
      {"a authenticate plain", "a AUTHENTICATE PLAIN"},
      {"a AUTHENTICATE PLAIN =", "a AUTHENTICATE PLAIN []"},
      {"a AUTHENTICATE SCRAM-SHA-256 biwsbj1h", "a AUTHENTICATE SCRAM-SHA-256 [biwsbj1h]"},
      {"a ENABLE condstore X-FOO", "a ENABLE CONDSTORE X-FOO"},
      {"a ID NIL", "a ID"},
      {"a ID ()", "a ID"},
      {"a ID (\"name\" \"x\" \"version\" nil \"os\" {2}\r\nab)", "a ID name=x version=NIL os=ab"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, Mailboxes) {
  constexpr Row kRows[] = {
      {"a SELECT inbox", "a SELECT [INBOX]"},
      {"a EXAMINE \"a b\"", "a EXAMINE [a b]"},
      {"a SELECT {5}\r\nInBoX", "a SELECT [INBOX]"},
      {"a SELECT Entw&APw-rfe", "a SELECT [Entw\xc3\xbcrfe]"},
      {"a SELECT x (CONDSTORE)", "a SELECT [x] condstore"},
      {"a SELECT x (QRESYNC (67890007 90060115194045000))", "a SELECT [x] qresync 67890007 90060115194045000"},
      {"a SELECT x (QRESYNC (67890007 90060115194045000 41:211,214:541))",
       "a SELECT [x] qresync 67890007 90060115194045000 known 41:211,214:541"},
      {"a SELECT x (QRESYNC (1 2 1:3 (1,2 5,7)))", "a SELECT [x] qresync 1 2 known 1:3 match 1,2/5,7"},
      {"a SELECT x (QRESYNC (1 2 (1,2 5,7)))", "a SELECT [x] qresync 1 2 match 1,2/5,7"},
      // PITFALLS: several select-params at once.
      {"a SELECT x (CONDSTORE QRESYNC (1 2))", "a SELECT [x] condstore qresync 1 2"},
      {"a SELECT x (QRESYNC (1 2) condstore)", "a SELECT [x] condstore qresync 1 2"},
      {"a CREATE a/b/", "a CREATE [a/b/]"},
      {"a CREATE Sent (USE (\\Sent \\Archive))", "a CREATE [Sent] use \\Sent \\Archive"},
      {"a CREATE x (USE ())", "a CREATE [x]"},
      {"a DELETE x", "a DELETE [x]"},
      {"a RENAME inbox \"old mail\"", "a RENAME [INBOX] [old mail]"},
      {"a SUBSCRIBE x", "a SUBSCRIBE [x]"},
      {"a UNSUBSCRIBE x", "a UNSUBSCRIBE [x]"},
      {"a STATUS x (MESSAGES)", "a STATUS [x] (MESSAGES)"},
      {"a STATUS x (messages RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE DELETED APPENDLIMIT unseen)",
       "a STATUS [x] (MESSAGES RECENT UIDNEXT UIDVALIDITY UNSEEN HIGHESTMODSEQ SIZE DELETED APPENDLIMIT)"},
      {"a UID COPY 1:* Trash", "a COPY uid 1:* [Trash]"},
      {"a COPY 1,3 inbox", "a COPY 1,3 [INBOX]"},
      {"a MOVE 4:2 x", "a MOVE 4:2 [x]"},
      {"a UID MOVE * x", "a MOVE uid * [x]"},
      {"a UID EXPUNGE 1:3,7", "a EXPUNGE uid 1:3,7"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, List) {
  constexpr Row kRows[] = {
      {"a LIST \"\" *", "a LIST [] [*]"},
      {"a LIST \"\" \"\"", "a LIST [] []"},
      {"a LIST inbox %", "a LIST [inbox] [%]"},
      {"a LIST \"\" \"a b/%\"", "a LIST [] [a b/%]"},
      {"a LIST \"\" &AOk-*", "a LIST [] [\xc3\xa9*]"},
      {"a LIST \"\" {1}\r\n*", "a LIST [] [*]"},
      {"a LIST () \"\" *", "a LIST extended [] [*]"},
      {"a LIST (SUBSCRIBED REMOTE RECURSIVEMATCH) \"\" *",
       "a LIST extended select:subscribed select:remote select:recursivematch [] [*]"},
      {"a LIST (SPECIAL-USE) \"\" (INBOX \"Dr%\")", "a LIST extended select:special-use [] [INBOX|Dr%]"},
      {"a LIST \"\" % RETURN ()", "a LIST extended [] [%]"},
      {"a LIST \"\" % RETURN (CHILDREN SUBSCRIBED SPECIAL-USE STATUS (MESSAGES UNSEEN))",
       "a LIST extended [] [%] return:subscribed return:children return:special-use return:status(MESSAGES UNSEEN)"},
      {"a LIST () \"\" % RETURN (myrights CHILDREN)", "a LIST extended [] [%] return:children return:myrights"},
      {"a LSUB \"\" *", "a LSUB [] [*]"},
      {"a LSUB \"#x/\" a.*", "a LSUB [#x/] [a.*]"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, Append) {
  constexpr Row kRows[] = {
      {"a APPEND x {3}\r\nabc", "a APPEND [x] () <abc>"},
      {"a APPEND x {3+}\r\na\r\n", "a APPEND [x] () <a\r\n>"},
      {"a APPEND x () {0}\r\n", "a APPEND [x] () <>"},
      {"a APPEND inbox (\\Seen \\Claimed $Claimed Junk) \" 1-Feb-2024 13:05:00 +0100\" {1}\r\nx",
       "a APPEND [INBOX] (\\Seen \\Claimed Junk)  1-Feb-2024 13:05:00 +0100 <x>"},
      {"a APPEND {1}\r\nx \"01-Feb-2024 13:05:00 +0100\" ~{1}\r\nx", "a APPEND [x] ()  1-Feb-2024 13:05:00 +0100 <x>"},
      {"a APPEND x (\\Recent) {1}\r\nx", "a BAD APPEND: \\Recent cannot be set by a client"},
      {"a APPEND x (\\Foo) {1}\r\nx", "a BAD APPEND: unknown system flag \\Foo"},
      {"a APPEND x \"30-Feb-2024 13:05:00 +0100\" {1}\r\nx", "a BAD APPEND: no such date-time: 30-Feb-2024 13:05:00 +0100"},
      {"a APPEND x \"abc\"", "a BAD APPEND: no such date-time: abc"},
      {"a APPEND x abc", "a BAD APPEND: message must be a literal"},
      {"a APPEND x {1}\r\nx {1}\r\ny", "a APPEND [x] () <x> () <y>"},
      {"a APPEND x {1}\r\nx (\\Seen) \" 1-Feb-2024 13:05:00 +0100\" ~{1+}\r\ny () {0+}\r\n",
       "a APPEND [x] () <x> (\\Seen)  1-Feb-2024 13:05:00 +0100 <y> () <>"},
      {"a APPEND x {1}\r\nx ", "a BAD APPEND: message must be a literal"},
      {"a APPEND x {1}\r\nx{1}\r\ny", "a BAD APPEND: unexpected text after the arguments"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, Catenate) {
  constexpr Row kRows[] = {
      {"a APPEND x (\\Seen) CATENATE (URL \"/x/;UID=20\" TEXT {3}\r\nabc URL y)",
       "a APPEND [x] (\\Seen) url</x/;UID=20> text<abc> url<y>"},
      {"a APPEND x catenate (text ~{1+}\r\nx url {1}\r\ny) () {1}\r\nz CATENATE (TEXT {0}\r\n)",
       "a APPEND [x] () text<x> url<y> () <z> () text<>"},
      {"a APPEND x CATENATE (UTF8 (~{1+}\r\nx))", "a APPEND [x] () text<x>"},
      {"a UID REPLACE 2 x CATENATE (URL y)", "a UID REPLACE 2 [x] () url<y>"},
      {"a APPEND x CATENATE ()", "a BAD APPEND: part of CATENATE expected"},
      {"a APPEND x CATENATE (FILE y)", "a BAD APPEND: unknown part of CATENATE FILE"},
      {"a APPEND x CATENATE (TEXT \"y\")", "a BAD APPEND: message must be a literal"},
      {"a APPEND x CATENATE (URL y", "a BAD APPEND: ')' expected after the parts of CATENATE"},
      {"a APPEND x CATENATE URL y", "a BAD APPEND: '(' expected after CATENATE"},
      {"a APPEND x CATENATE (URL)", "a BAD APPEND: a space expected after URL"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, Replace) {
  constexpr Row kRows[] = {
      {"a REPLACE 4 Drafts (\\Seen \\Draft) {3}\r\nabc", "a REPLACE 4 [Drafts] (\\Seen \\Draft) <abc>"},
      {"a UID REPLACE 2000 {1+}\r\nx \" 1-Feb-2024 13:05:00 +0100\" ~{1+}\r\ny", "a UID REPLACE 2000 [x] ()  1-Feb-2024 13:05:00 +0100 <y>"},
      {"a replace * inbox {0}\r\n", "a REPLACE * [INBOX] () <>"},
      {"a REPLACE 1:2 x {1}\r\nx", "a BAD REPLACE: a space expected after the message number"},
      {"a REPLACE 0 x {1}\r\nx", "a BAD REPLACE: message number must not begin with 0"},
      {"a REPLACE 1 x {1}\r\nx {1}\r\ny", "a BAD REPLACE: unexpected text after the arguments"},
      {"a REPLACE 1 x", "a BAD REPLACE: a space expected after the mailbox name"},
      {"a UID REPLACE $ x {1}\r\nx", "a BAD UID REPLACE: message number must be a number"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, MessageLiteralHoldsNulOnlyAsLiteral8) {
  EXPECT_EQ(parse_and_describe(std::string_view("a APPEND x {1}\r\n\0\r\n", 19)), "a BAD APPEND: message holds a NUL");
  EXPECT_EQ(parse_and_describe(std::string_view("a APPEND x ~{1}\r\n\0\r\n", 20)), std::string("a APPEND [x] () <\0>", 19));
}

TEST(ParseCommandTest, Fetch) {
  constexpr Row kRows[] = {
      {"a FETCH 1 FLAGS", "a FETCH 1 {FLAGS}"},
      {"a FETCH 2:4,7,9:*,* (FLAGS UID)", "a FETCH 2:4,7,9:*,* {FLAGS,UID}"},
      {"a UID FETCH 1:* all", "a FETCH uid 1:* {FLAGS,INTERNALDATE,SIZE,ENVELOPE}"},
      {"a FETCH 1 FAST", "a FETCH 1 {FLAGS,INTERNALDATE,SIZE}"},
      {"a FETCH 1 FULL", "a FETCH 1 {FLAGS,INTERNALDATE,SIZE,ENVELOPE,BODY}"},
      {"a FETCH 1 (ENVELOPE FLAGS INTERNALDATE UID BODY BODYSTRUCTURE RFC822.SIZE MODSEQ flags)",
       "a FETCH 1 {ENVELOPE,FLAGS,INTERNALDATE,UID,BODY,BODYSTRUCTURE,SIZE,MODSEQ}"},
      {"a FETCH 1 (RFC822 RFC822.HEADER RFC822.TEXT)", "a FETCH 1 {RFC822,peek RFC822.HEADER,RFC822.TEXT}"},
      {"a FETCH 1 BODY[]", "a FETCH 1 {BODY[]}"},
      {"a FETCH 1 body.peek[]<0.2048>", "a FETCH 1 {peek BODY[]<0.2048>}"},
      {"a FETCH 1 (BODY[HEADER] BODY[TEXT]<5.1>)", "a FETCH 1 {BODY[HEADER],BODY[TEXT]<5.1>}"},
      {"a FETCH 1 BODY[1.2.3.MIME]", "a FETCH 1 {BODY[1.2.3.MIME]}"},
      {"a FETCH 1 BODY[1]", "a FETCH 1 {BODY[1]}"},
      {"a FETCH 1 BODY[4.2.HEADER]", "a FETCH 1 {BODY[4.2.HEADER]}"},
      {"a FETCH 1 BODY.PEEK[HEADER.FIELDS (Date From)]", "a FETCH 1 {peek BODY[HEADER.FIELDS (Date From)]}"},
      {"a FETCH 1 BODY[3.header.fields.not (\"X-A B\" {2}\r\nTo)]", "a FETCH 1 {BODY[3.HEADER.FIELDS.NOT (\"X-A B\" To)]}"},
      {"a UID FETCH 1:* (FLAGS) (CHANGEDSINCE 12345)", "a FETCH uid 1:* {FLAGS} changedsince 12345"},
      {"a UID FETCH 300:500 (FLAGS) (CHANGEDSINCE 12345 VANISHED)", "a FETCH uid 300:500 {FLAGS} changedsince 12345 vanished"},
      // PITFALLS: iOS sends it; it means everything.
      {"a ESEARCH IN (mailboxes \"folder1\" subtree \"folder2\") unseen", "a ESEARCH in:6[folder1] in:4[folder2] and(lacks:\\Seen)"},
      {"a ESEARCH IN (subtree-one (inbox a/b) PERSONAL) RETURN (COUNT) MODSEQ 5",
       "a ESEARCH in:5[INBOX|a/b] in:2[] return names_mod_seq and(modseq>=5)"},
      {"a ESEARCH return () selected", "a BAD ESEARCH: unknown search key SELECTED"},
      {"a ESEARCH 1:3", "a ESEARCH and(seq:1:3)"},
      {"a UID FETCH 1:* (UID FLAGS) (PARTIAL -1:-30 CHANGEDSINCE 9)", "a FETCH uid 1:* {UID,FLAGS} changedsince 9 partial:-1:-30"},
      {"a UID FETCH 1:* FLAGS (changedsince 9 partial 5:1 vanished)", "a FETCH uid 1:* {FLAGS} changedsince 9 vanished partial:5:1"},
      {"a FETCH 1 FLAGS (CHANGEDSINCE 0)", "a FETCH 1 {FLAGS} changedsince 0"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, BadFetch) {
  constexpr Row kRows[] = {
      {"a FETCH", "a BAD FETCH: a space expected before the arguments"},
      {"a FETCH 0 FLAGS", "a BAD FETCH: number in a sequence set must not begin with 0"},
      {"a FETCH 01 FLAGS", "a BAD FETCH: number in a sequence set must not begin with 0"},
      {"a FETCH 4294967296 FLAGS", "a BAD FETCH: number in a sequence set is too large a number"},
      {"a FETCH 1, FLAGS", "a BAD FETCH: number in a sequence set must be a number"},
      {"a FETCH 1:2:3 FLAGS", "a BAD FETCH: a space expected after the sequence set"},
      {"a FETCH 1 ()", "a BAD FETCH: item expected"},
      {"a FETCH 1 (FLAGS", "a BAD FETCH: ')' expected after the items"},
      {"a FETCH 1 (ALL)", "a BAD FETCH: unknown item ALL"},
      {"a FETCH 1 (FLAGS  UID)", "a BAD FETCH: item expected"},
      {"a FETCH 1 FOO", "a BAD FETCH: unknown item FOO"},
      {"a FETCH 1 BODY.PEEK", "a BAD FETCH: '[' expected to begin a section"},
      {"a FETCH 1 BODY[0]", "a BAD FETCH: part number must not begin with 0"},
      {"a FETCH 1 BODY[1.]", "a BAD FETCH: section expected"},
      {"a FETCH 1 BODY[MIME]", "a BAD FETCH: section MIME needs a part number before it"},
      {"a FETCH 1 BODY[1.FOO]", "a BAD FETCH: unknown section FOO"},
      {"a FETCH 1 BODY[HEADER.FIELDS]", "a BAD FETCH: a space expected before the header fields"},
      {"a FETCH 1 BODY[HEADER.FIELDS ()]", "a BAD FETCH: header field name expected"},
      {"a FETCH 1 BODY[]<0.0>", "a BAD FETCH: size of a partial fetch must not begin with 0"},
      {"a FETCH 1 BODY[]<0>", "a BAD FETCH: '.' expected in a partial fetch"},
      {"a FETCH 1 BODY[]<9223372036854775808.1>", "a BAD FETCH: offset of a partial fetch is too large a number"},
      {"a FETCH 1 BODY[]<0.9223372036854775808>", "a BAD FETCH: size of a partial fetch is too large a number"},
      {"a FETCH 1 BODY[", "a BAD FETCH: section expected"},
      {"a ESEARCH IN (selected-delayed) ALL", "a BAD ESEARCH: unknown mailbox specifier SELECTED-DELAYED"},
      {"a ESEARCH IN (subtree) ALL", "a BAD ESEARCH: a space expected after SUBTREE"},
      {"a ESEARCH IN () ALL", "a BAD ESEARCH: mailbox specifier expected"},
      {"a ESEARCH IN (personal (x)) ALL", "a BAD ESEARCH: unknown scope option"},
      {"a ESEARCH IN (mailboxes ()) ALL", "a BAD ESEARCH: mailbox name expected"},
      {"a ESEARCH IN (personal)", "a BAD ESEARCH: a space expected after the mailbox specifiers"},
      {"a CANCELUPDATE", "a BAD CANCELUPDATE: a space expected before the arguments"},
      {"a CANCELUPDATE b", "a BAD CANCELUPDATE: '\"' expected to begin a quoted string"},
      {"a FETCH 1 FLAGS (PARTIAL 1:2)", "a BAD FETCH: PARTIAL needs UID FETCH"},
      {"a UID FETCH 1 FLAGS (PARTIAL 1:2 PARTIAL 1:2)", "a BAD UID FETCH: PARTIAL is repeated"},
      {"a UID FETCH 1 FLAGS (PARTIAL 1:*)", "a BAD UID FETCH: second number of PARTIAL must be a number"},
      {"a UID FETCH 1 FLAGS (PARTIAL)", "a BAD UID FETCH: a space expected after PARTIAL"},
      {"a FETCH 1 FLAGS (VANISHED)", "a BAD FETCH: VANISHED needs UID FETCH and CHANGEDSINCE"},
      {"a FETCH 1 FLAGS (CHANGEDSINCE 1 VANISHED)", "a BAD FETCH: VANISHED needs UID FETCH and CHANGEDSINCE"},
      {"a UID FETCH 1 FLAGS (CHANGEDSINCE 9223372036854775808)", "a BAD UID FETCH: CHANGEDSINCE is too large a number"},
      {"a UID FETCH 1 FLAGS (CHANGEDSINCE -1)", "a BAD UID FETCH: CHANGEDSINCE must be a number"},
      {"a UID FETCH 1 FLAGS (CHANGEDSINCE 1 CHANGEDSINCE 2)", "a BAD UID FETCH: CHANGEDSINCE is repeated"},
      {"a FETCH 1 FLAGS x", "a BAD FETCH: '(' expected before the modifiers"},
  };
  for (const Row& row : kRows) EXPECT_EQ(parse_and_describe(std::string(row.command) + "\r\n"), row.expected) << row.command;
}

TEST(ParseCommandTest, Store) {
  constexpr Row kRows[] = {
      {"a STORE 1 FLAGS (\\Seen)", "a STORE 1 =(\\Seen)"},
      {"a STORE 1 FLAGS ()", "a STORE 1 =()"},
      {"a STORE 1 +FLAGS \\Seen \\Deleted", "a STORE 1 +(\\Seen \\Deleted)"},
      {"a UID STORE 7,3:9 -flags.silent (Junk)", "a STORE uid 7,3:9 -(Junk) silent"},
      // PITFALLS 1: both names, in any case, are the one flag.
      {"a UID STORE 7 (UNCHANGEDSINCE 12121230956) +FLAGS.SILENT (\\Claimed)",
       "a STORE uid 7 unchangedsince 12121230956 +(\\Claimed) silent"},
      {"a UID STORE 7 (UNCHANGEDSINCE 0) +FLAGS ($claimed)", "a STORE uid 7 unchangedsince 0 +(\\Claimed)"},
      {"a STORE 1 +FLAGS (\\claimed $CLAIMED \\Seen \\SEEN junk Junk)", "a STORE 1 +(\\Claimed \\Seen junk)"},
      // PITFALLS 2: one or two letters after the backslash are no flag.
      {"a STORE 1 +FLAGS (\\De)", "a BAD STORE: unknown system flag \\De"},
      // As imapflow sends it.
      {"a UID STORE 7 +FLAGS (\\Claimed) (UNCHANGEDSINCE 5)", "a STORE uid 7 unchangedsince 5 +(\\Claimed)"},
      {"a UID STORE 7 (UNCHANGEDSINCE 4) +FLAGS (\\Claimed) (UNCHANGEDSINCE 5)", "a BAD UID STORE: unexpected text after the arguments"},
      {"a UID STORE 7 +FLAGS \\Claimed (UNCHANGEDSINCE 5)", "a BAD UID STORE: flag expected"},
      // PITFALLS 20: 63 bits, not 32.
      {"a STORE 1 (UNCHANGEDSINCE 9223372036854775807) FLAGS ()", "a STORE 1 unchangedsince 9223372036854775807 =()"},
      {"a STORE 1 (UNCHANGEDSINCE 9223372036854775808) FLAGS ()", "a BAD STORE: UNCHANGEDSINCE is too large a number"},
      {"a STORE 1 (UNCHANGEDSINCE 18446744073709551617) FLAGS ()", "a BAD STORE: UNCHANGEDSINCE is too large a number"},
      {"a STORE 1 () FLAGS ()", "a BAD STORE: modifier expected"},
      {"a STORE 1 +FLAGS (\\Recent)", "a BAD STORE: \\Recent cannot be set by a client"},
      {"a STORE 1 +FLAGS (\\*)", "a BAD STORE: flag expected"},
      {"a STORE 1 +FLAGS", "a BAD STORE: a space expected before the flags"},
      {"a STORE 1 +FLAGS ", "a BAD STORE: flag expected"},
      {"a STORE 1 FLAGZ (x)", "a BAD STORE: unknown item FLAGZ"},
      {"a STORE 1 +FLAGS (a (b))", "a BAD STORE: flag expected"},
  };
  expect_parsed(kRows);
}

TEST(ParseCommandTest, BadLines) {
  constexpr Row kRows[] = {
      {"", "* BAD Empty line"},
      {"a", "a BAD Command expected after the tag"},
      {"a ", "a BAD Command expected after the tag"},
      {" a NOOP", "* BAD Tag expected"},
      {"+ NOOP", "* BAD Tag expected"},
      {"* OK", "* BAD Tag expected"},
      {"a+b NOOP", "* BAD Tag expected"},
      {"a(b NOOP", "* BAD Tag expected"},
      {"\xc3\xa9 NOOP", "* BAD Tag expected"},
      {"GET / HTTP/1.1", "GET BAD /: unknown command"},
      {"a FROBNICATE x", "a BAD FROBNICATE: unknown command"},
      {"a UID", "a BAD UID: unknown command"},
      {"a UID NOOP", "a BAD UID NOOP: unknown command"},
      {"a NOOP x", "a BAD NOOP: unexpected text after the arguments"},
      {"a NOOP ", "a BAD NOOP: unexpected text after the arguments"},
      {"a NO\rOP", "a BAD NO: unknown command"},
      {"a LOGIN x", "a BAD LOGIN: a space expected after the user name"},
      {"a LOGIN x y z", "a BAD LOGIN: unexpected text after the arguments"},
      {"a LOGIN x \"y", "a BAD LOGIN: password lacks its closing quote"},
      {"a LOGIN \"a\\b\" y", "a BAD LOGIN: user name has a backslash before a character that needs none"},
      {"a LOGIN \"\xc3\xa9\" y", "a BAD LOGIN: user name holds an 8-bit character in quotes"},
      {"a LOGIN \xc3\xa9 y", "a BAD LOGIN: user name expected"},
      {"a LOGIN \"a\rb\" y", "a BAD LOGIN: user name lacks its closing quote"},
      {"a LOGIN {3} y", "a BAD LOGIN: line end expected after the size of a literal"},
      {"a LOGIN {x} y", "a BAD LOGIN: literal size must be a number"},
      {"a AUTHENTICATE PLAIN (", "a BAD AUTHENTICATE: initial response must be base64 or '='"},
      {"a ENABLE", "a BAD ENABLE: a space expected before the arguments"},
      {"a ID (\"a\")", "a BAD ID: a space expected after a field"},
      {"a ID (\"a\" x)", "a BAD ID: value of a field must be a string or NIL"},
      {"a SELECT &AGE-", "a BAD SELECT: mailbox name is not modified UTF-7: &AGE-"},
      {"a SELECT \"&\"", "a BAD SELECT: mailbox name is not modified UTF-7: &"},
      {"a SELECT {2}\r\n\xc3\xa9", "a BAD SELECT: mailbox name is not modified UTF-7: ??"},
      {"a SELECT x ()", "a BAD SELECT: parameter expected"},
      {"a SELECT x (QRESYNC (1 2) QRESYNC (1 2))", "a BAD SELECT: QRESYNC is repeated"},
      {"a SELECT x (QRESYNC (0 2))", "a BAD SELECT: UIDVALIDITY must not begin with 0"},
      {"a SELECT x (QRESYNC (1 0))", "a BAD SELECT: QRESYNC's mod-sequence must not be 0"},
      {"a SELECT x (QRESYNC (1 2 1:*))", "a BAD SELECT: a set of known messages must not hold '*'"},
      {"a CREATE x (USE (Sent))", "a BAD CREATE: '\\' expected before a special use"},
      {"a RENAME x", "a BAD RENAME: a space expected between the two mailbox names"},
      {"a LIST \"\"", "a BAD LIST: a space expected after the reference"},
      {"a LIST (RECURSIVEMATCH) \"\" *", "a BAD LIST: RECURSIVEMATCH needs SUBSCRIBED"},
      {"a LIST \"\" ()", "a BAD LIST: mailbox pattern expected"},
      {"a LIST \"\" * RETURN (FOO)", "a BAD LIST: unknown RETURN option FOO"},
      {"a LIST \"\" &AOk", "a BAD LIST: mailbox pattern is not modified UTF-7: &AOk"},
      {"a STATUS x ()", "a BAD STATUS: status item expected"},
      {"a STATUS x (FOO)", "a BAD STATUS: unknown status item FOO"},
      {"a STATUS x MESSAGES", "a BAD STATUS: '(' expected before the status items"},
      {"a COPY 1", "a BAD COPY: a space expected after the sequence set"},
      {"a UID EXPUNGE", "a BAD UID EXPUNGE: a space expected before the arguments"},
      {"a DELETE \x01", "a BAD DELETE: mailbox name expected"},
  };
  for (const Row& row : kRows) EXPECT_EQ(parse_and_describe(std::string(row.command) + "\r\n"), row.expected) << row.command;
}

TEST(ParseCommandTest, NulIsRefusedInQuotesAndLiterals) {
  EXPECT_EQ(parse_and_describe(std::string_view("a LOGIN \"\0\" y", 13)), "a BAD LOGIN: user name holds a NUL");
  EXPECT_EQ(parse_and_describe(std::string_view("a LOGIN {1}\r\n\0 y", 16)), "a BAD LOGIN: user name holds a NUL");
  EXPECT_EQ(parse_and_describe(std::string_view("a LOGIN \0 y", 11)), "a BAD LOGIN: user name expected");
  EXPECT_EQ(parse_and_describe(std::string_view("\0", 1)), "* BAD Tag expected");
}

TEST(ParseCommandTest, FrameThatEndsInsideItsLiteralIsBad) {
  EXPECT_EQ(parse_and_describe("a LOGIN {5}\r\nab"), "a BAD LOGIN: user name ends before its literal does");
  EXPECT_EQ(parse_and_describe("a LOGIN {18446744073709551616}\r\nab"), "a BAD LOGIN: literal size is too large a number");
}

TEST(ParseCommandTest, TextOfABadCommandIsOnePrintableLine) {
  EXPECT_EQ(parse_and_describe("a FETCH 1 BODY[]<\xff"), "a BAD FETCH: offset of a partial fetch must be a number");
  const std::string bad = parse_and_describe("a " + std::string(10'000, 'X'));
  EXPECT_LT(bad.size(), 200u);
}

TEST(ParseCommandTest, TenThousandParenthesesAreBad) {
  const std::string open(10'000, '(');
  const std::string close(10'000, ')');
  EXPECT_THAT(parse_and_describe("a SEARCH " + open + "ALL" + close), "a BAD SEARCH: search keys are nested too deep");
  EXPECT_THAT(parse_and_describe("a SEARCH " + open), "a BAD SEARCH: search keys are nested too deep");
  EXPECT_THAT(parse_and_describe("a FETCH 1 " + open), testing::StartsWith("a BAD FETCH"));
  EXPECT_THAT(parse_and_describe("a STORE 1 FLAGS " + open), testing::StartsWith("a BAD STORE"));
  EXPECT_THAT(parse_and_describe("a LIST " + open), testing::StartsWith("a BAD LIST"));
  EXPECT_THAT(parse_and_describe("a ID " + open), testing::StartsWith("a BAD ID"));
  EXPECT_THAT(parse_and_describe("a SELECT x " + open), testing::StartsWith("a BAD SELECT"));
}

TEST(ParseCommandTest, FetchItemsAreLimited) {
  const auto fetch = [](std::size_t count) {
    std::string command = "a FETCH 1 (";
    for (std::size_t i = 0; i < count; ++i) command += i == 0 ? "BODY[]" : " BODY[]";
    return parse_and_describe(command + ")");
  };
  EXPECT_THAT(fetch(limits::kFetchItemsMax), testing::StartsWith("a FETCH"));
  EXPECT_EQ(fetch(limits::kFetchItemsMax + 1), "a BAD FETCH: too many items");
}

TEST(ParseCommandTest, ListPatternsAreLimited) {
  const auto list = [](std::size_t count) {
    std::string command = "a LIST \"\" (";
    for (std::size_t i = 0; i < count; ++i) command += i == 0 ? "x" : " x";
    return parse_and_describe(command + ")");
  };
  EXPECT_THAT(list(limits::kListPatternsMax), testing::StartsWith("a LIST"));
  EXPECT_EQ(list(limits::kListPatternsMax + 1), "a BAD LIST: too many patterns");
}

TEST(ParseCommandTest, IdFieldsAreLimited) {
  const auto id = [](int count) {
    std::string command = "a ID (";
    for (int i = 0; i < count; ++i) command += i == 0 ? "\"x\" NIL" : " \"x\" NIL";
    return parse_and_describe(command + ")");
  };
  EXPECT_THAT(id(30), testing::StartsWith("a ID x=NIL"));
  EXPECT_EQ(id(31), "a BAD ID: too many fields");
}

// PITFALLS 10: `7,3:9` names 7 once.
TEST(SequenceSetTest, ResolvesToAscendingDisjointRanges) {
  using Range = SequenceSet::Range;
  using testing::ElementsAre;
  EXPECT_THAT((SequenceSet{{7, 7}, {3, 9}}.resolve(20)), ElementsAre(Range{3, 9}));
  EXPECT_THAT((SequenceSet{{5, 6}, {1, 2}, {3, 4}, {9, 8}}.resolve(20)), ElementsAre(Range{1, 6}, Range{8, 9}));
  EXPECT_THAT((SequenceSet{{1, SequenceSet::kStar}}.resolve(20)), ElementsAre(Range{1, 20}));
  EXPECT_THAT((SequenceSet{{559, SequenceSet::kStar}}.resolve(20)), ElementsAre(Range{20, 559}));
  EXPECT_THAT((SequenceSet{{SequenceSet::kStar, SequenceSet::kStar}}.resolve(20)), ElementsAre(Range{20, 20}));
  EXPECT_THAT((SequenceSet{{1, SequenceSet::kStar}, {4, 5}}.resolve(0)), ElementsAre(Range{4, 5}));
  EXPECT_THAT((SequenceSet{{UINT32_MAX, UINT32_MAX}, {1, UINT32_MAX}}.resolve(20)), ElementsAre(Range{1, UINT32_MAX}));
  EXPECT_EQ((SequenceSet{{7, 7}, {3, 9}}.resolve_uids(Uid(20))), UidSet::range(Uid(3), Uid(9)));
}

}  // namespace
}  // namespace imapd::wire
