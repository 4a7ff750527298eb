#include "tests/session/selected_fixture.h"

// RFC 3516: BINARY.
namespace imapd::session {
namespace {

using namespace std::string_literals;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

class Rfc3516Test : public SelectedTest {
 protected:
  static std::string part(const std::string& encoding, const std::string& body) {
    return "--b\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: " + encoding + "\r\n\r\n" + body + "\r\n";
  }
  void append_parts(const std::vector<std::string>& parts) {
    std::string message = "Content-Type: multipart/mixed; boundary=b\r\n\r\n";
    for (const std::string& each : parts) message += each;
    append(message + "--b--\r\n");
  }
  static std::string raw(Talker& talker, const std::string& command) {
    std::string joined;
    for (const std::string& line : talker.run(command)) joined += line + "\r\n";
    return joined;
  }
};

TEST_F(Rfc3516Test, Section42DecodesTheTransferEncoding) {
  append_parts({part("base64", "Z3LDvMOfZQ=="), part("quoted-printable", "a=3Db=\r\nc"), part("8bit", "as it is")});
  Talker& client = selected_client();
  EXPECT_EQ(raw(client, "FETCH 1 BINARY.PEEK[1]"), "* 1 FETCH (BINARY[1] {7}\r\ngr\xc3\xbc\xc3\x9f" "e)\r\nOK FETCH completed\r\n");
  EXPECT_EQ(raw(client, "FETCH 1 BINARY.PEEK[2]"), "* 1 FETCH (BINARY[2] {4}\r\na=bc)\r\nOK FETCH completed\r\n");
  EXPECT_EQ(raw(client, "FETCH 1 BINARY.PEEK[3]"), "* 1 FETCH (BINARY[3] {8}\r\nas it is)\r\nOK FETCH completed\r\n");
}

TEST_F(Rfc3516Test, Section42PeekLeavesSeenAloneAndTheOtherSetsIt) {
  append_parts({part("7bit", "x")});
  Talker& client = selected_client();
  client.run("FETCH 1 (BINARY.PEEK[1] BINARY.SIZE[1])");
  EXPECT_FALSE(flags(1).contains(SystemFlag::kSeen));
  EXPECT_EQ(raw(client, "FETCH 1 BINARY[1]"), "* 1 FETCH (FLAGS (\\Seen) BINARY[1] {1}\r\nx)\r\nOK FETCH completed\r\n");
  EXPECT_TRUE(flags(1).contains(SystemFlag::kSeen));
}

TEST_F(Rfc3516Test, Section42PartialCountsDecodedOctets) {
  append_parts({part("base64", "MDEyMzQ1Njc4OQ==")});
  Talker& client = selected_client();
  EXPECT_EQ(raw(client, "FETCH 1 BINARY.PEEK[1]<2.3>"), "* 1 FETCH (BINARY[1]<2> {3}\r\n234)\r\nOK FETCH completed\r\n");
  EXPECT_EQ(raw(client, "FETCH 1 BINARY.PEEK[1]<8.9>"), "* 1 FETCH (BINARY[1]<8> {2}\r\n89)\r\nOK FETCH completed\r\n");
  EXPECT_EQ(raw(client, "FETCH 1 BINARY.PEEK[1]<10.1>"), "* 1 FETCH (BINARY[1]<10> \"\")\r\nOK FETCH completed\r\n");
}

TEST_F(Rfc3516Test, Section43Literal8OnlyWhereThereIsANul) {
  append_parts({part("base64", "YQBi")});
  Talker& client = selected_client();
  EXPECT_EQ(raw(client, "FETCH 1 BINARY.PEEK[1]"),
            std::string("* 1 FETCH (BINARY[1] ~{3}\r\na\0b)\r\nOK FETCH completed\r\n", 53));
  EXPECT_EQ(raw(client, "FETCH 1 BINARY.PEEK[1]<0.1>"), "* 1 FETCH (BINARY[1]<0> {1}\r\na)\r\nOK FETCH completed\r\n");
}

TEST_F(Rfc3516Test, Section43SizeIsThatOfTheDecodedContent) {
  append_parts({part("base64", "YQBi"), part("base64", "")});
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 1 (BINARY.SIZE[1] BINARY.SIZE[2] BINARY.SIZE[3])"),
               ElementsAre("* 1 FETCH (BINARY.SIZE[1] 3 BINARY.SIZE[2] 0 BINARY.SIZE[3] 0)", "OK FETCH completed"));
  EXPECT_LINES(client.run("FETCH 1 (BINARY.PEEK[2] BINARY.PEEK[3])"),
               ElementsAre("* 1 FETCH (BINARY[2] \"\" BINARY[3] NIL)", "OK FETCH completed"));
}

TEST_F(Rfc3516Test, Section43UnknownEncodingFailsTheRequestForThatMessageOnly) {
  append_parts({part("x-own", "?")});
  append_parts({part("7bit", "x")});
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 1:2 BINARY.SIZE[1]"),
               ElementsAre("* 2 FETCH (BINARY.SIZE[1] 1)", StartsWith("NO [UNKNOWN-CTE] ")));
  EXPECT_LINES(client.run("FETCH 1 BINARY.PEEK[1]"), ElementsAre(StartsWith("NO [UNKNOWN-CTE] ")));
  EXPECT_LINES(client.run("FETCH 1 BODY.PEEK[1]"), ElementsAre("* 1 FETCH (BODY[1] {1}", "?)", "OK FETCH completed"));
}

TEST_F(Rfc3516Test, TheMessageItselfStandsAsItIs) {
  append("Content-Transfer-Encoding: base64\r\n\r\nYWJj\r\n");
  Talker& client = selected_client();
  EXPECT_LINES(client.run("FETCH 1 (BINARY.SIZE[] BINARY.PEEK[1])"),
               ElementsAre("* 1 FETCH (BINARY.SIZE[] 43 BINARY[1] {3}", "abc)", "OK FETCH completed"));
}

TEST_F(Rfc3516Test, MalformedContentIsDecodedAsFarAsItGoes) {
  append_parts({part("base64", "YW!J\xff=j=Z"), part("quoted-printable", "a=ZZ=\r\n=4"), part("base64", "=")});
  Talker& client = selected_client();
  EXPECT_THAT(client.run("FETCH 1 (BINARY.PEEK[1] BINARY.PEEK[2] BINARY.PEEK[3])").back(), StartsWith("OK"));
}

TEST_F(Rfc3516Test, Section44AppendOfALiteral8ComesBackAsItWas) {
  Talker& client = selected_client();
  const std::string message = "Content-Transfer-Encoding: binary\r\nContent-Type: image/png\r\n\r\n\x89PNG\0\r\n\xff"s;
  const std::string size = std::to_string(message.size());
  client.client().send("a APPEND q ~{" + size + "}\r\n");
  EXPECT_EQ(client.client().line(), "+ OK");
  client.client().send(message + "\r\nb APPEND q (\\Seen) ~{" + size + "+}\r\n" + message + " {1+}\r\nx\r\nc NOOP\r\n");
  while (!client.client().line().starts_with("c OK")) continue;
  for (const std::string number : {"1", "2"}) {
    EXPECT_EQ(raw(client, "FETCH " + number + " BINARY.PEEK[1]"),
              "* " + number + " FETCH (BINARY[1] ~{8}\r\n\x89PNG\0\r\n\xff)\r\nOK FETCH completed\r\n"s);
  }
  // As though it had been base64 (section 6), and BODY[1] is what BODYSTRUCTURE says.
  EXPECT_THAT(client.run("FETCH 1 BODYSTRUCTURE").front(), HasSubstr("\"image\" \"png\" NIL NIL NIL \"base64\" 14 "));
  EXPECT_EQ(raw(client, "FETCH 1 BODY.PEEK[1]"), "* 1 FETCH (BODY[1] {14}\r\niVBORwANCv8=\r\n)\r\nOK FETCH completed\r\n");
}

TEST_F(Rfc3516Test, Section44ANulThatCannotBeEncodedIsRefused) {
  Client client(server_, "ann");
  const auto append = [&client](const std::string& before, const std::string& message) {
    client.send("a APPEND q " + before + std::to_string(message.size()) + "+}\r\n" + message + "\r\n");
    return client.line();
  };
  EXPECT_THAT(append("~{", "Content-Transfer-Encoding: x-own\r\n\r\na\0b\r\n"s), StartsWith("a NO [UNKNOWN-CTE] "));
  EXPECT_THAT(append("~{", "S: \0\r\n\r\nx\r\n"s), StartsWith("a NO [CANNOT] "));
  EXPECT_THAT(append("{", "S: x\r\n\r\n\0\r\n"s), StartsWith("a BAD "));
  EXPECT_EQ(server_.store().mailbox(queue_.id)->counters.messages, 0u);
}

TEST_F(Rfc3516Test, Section44TheEncodedMessageIsHeldToTheLimit) {
  SessionOptions options;
  options.message_bytes_max = 100;
  Server server(options);
  server.make_queue("jobs");
  Client client(server, "ann");
  // A header of 2 bytes becomes 37, 45 bytes of body 62.
  const auto append = [&client](std::size_t bytes) {
    const std::string message = "\r\n" + std::string(bytes, '\0');
    client.send("a APPEND jobs ~{" + std::to_string(message.size()) + "+}\r\n" + message + "\r\n");
    return client.line();
  };
  EXPECT_THAT(append(45), StartsWith("a OK "));
  EXPECT_THAT(append(46), StartsWith("a NO [TOOBIG] "));
}

TEST_F(Rfc3516Test, NoNulStandsOutsideBinary) {
  append("Sub\0ject: a\0b\r\n\r\nc\0d\r\n"s);
  Talker& client = selected_client();
  const std::string answer = raw(client, "FETCH 1 (BODY.PEEK[] BODY.PEEK[HEADER] BODY.PEEK[HEADER.FIELDS (\"X\")] BODY.PEEK[HEADER.FIELDS.NOT (X)] "
                                         "BODY.PEEK[TEXT] BODY.PEEK[1] RFC822 ENVELOPE BODYSTRUCTURE PREVIEW)");
  EXPECT_EQ(answer.find('\0'), std::string::npos);
  EXPECT_THAT(answer, HasSubstr("BODY[TEXT] {5}\r\nc\x80" "d\r\n"));
}

TEST_F(Rfc3516Test, Section7WrongSyntaxIsBad) {
  fill(1);
  Talker& client = selected_client();
  for (const char* item : {"BINARY", "BINARY[TEXT]", "BINARY[1.MIME]", "BINARY[0]", "BINARY.SIZE[1]<0.1>", "BINARY.PEEK", "BINARY[1]<0.0>"}) {
    EXPECT_THAT(client.run(std::string("FETCH 1 ") + item).back(), StartsWith("BAD")) << item;
  }
}

}  // namespace
}  // namespace imapd::session
