#include "imapd/ops/config.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace imapd::ops {
namespace {

// The message of the error, or "ok".
std::string applied(std::string_view toml) {
  Config config;
  const auto done = apply_toml(config, toml, "claimqd.toml");
  return done ? "ok" : done.error().message;
}

std::string set(std::string_view name, std::string_view value) {
  Config config;
  const auto done = set_option(config, name, value);
  return done ? "ok" : done.error().message;
}

TEST(Config, DefaultsAreThoseOfTheTable) {
  const Config config;
  EXPECT_EQ(config.data_dir, "");
  EXPECT_EQ(config.durability, Durability::kSync);
  EXPECT_EQ(config.log_level, LogLevel::kInfo);
  EXPECT_EQ(config.message_bytes_max, limits::kMessageBytesMax);
  EXPECT_EQ(config.imap_listen, (Endpoint{"127.0.0.1", 1143}));
  EXPECT_EQ(config.grpc_listen, (Endpoint{"127.0.0.1", 7143}));
  EXPECT_EQ(config.imap_claimed_as, ClaimedAs::kBoth);
}

TEST(Config, EveryOptionSaysWhatItIsAndTakesItsOwnDefault) {
  EXPECT_EQ(option_infos().size(), 22u);
  for (const OptionInfo& info : option_infos()) {
    EXPECT_FALSE(info.range.empty()) << info.name;
    EXPECT_TRUE(info.text.ends_with('.')) << info.name;
    EXPECT_EQ(info.text.find('\n'), std::string_view::npos) << info.name;
    EXPECT_EQ(set(info.name, info.default_value), "ok") << info.name;
  }
}

TEST(Config, FileSetsEveryOption) {
  Config config;
  const auto done = apply_toml(config, R"(# claimq
data_dir = "/var/lib/claimq"
durability = "relaxed"
admin_password_file = "/etc/claimq/admin"
log_level = "debug"
threads = 4
message_bytes_max = 1_048_576
drain_seconds = 0

[imap]
listen = "[::1]:0"
claimed_as = "keyword"
connections_max = 50

[grpc]
listen = "localhost:7000"
)", "claimqd.toml");
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(config.data_dir, "/var/lib/claimq");
  EXPECT_EQ(config.durability, Durability::kRelaxed);
  EXPECT_EQ(config.admin_password_file, "/etc/claimq/admin");
  EXPECT_EQ(config.log_level, LogLevel::kDebug);
  EXPECT_EQ(config.threads, 4u);
  EXPECT_EQ(config.message_bytes_max, 1'048'576u);
  EXPECT_EQ(config.drain_seconds, 0u);
  EXPECT_EQ(config.imap_listen, (Endpoint{"::1", 0}));
  EXPECT_EQ(config.imap_claimed_as, ClaimedAs::kKeyword);
  EXPECT_EQ(config.imap_connections_max, 50u);
  EXPECT_EQ(config.grpc_listen, (Endpoint{"localhost", 7000}));
  EXPECT_TRUE(validate(config));
}

TEST(Config, FileLeavesWhatItDoesNotName) {
  Config config;
  ASSERT_TRUE(set_option(config, "threads", "3"));
  ASSERT_TRUE(apply_toml(config, "log_level = \"error\"\n", "f"));
  EXPECT_EQ(config.threads, 3u);
}

TEST(Config, ErrorsNameFileLineAndOption) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"\nthreds = 1\n", "claimqd.toml:2: unknown option 'threds'"},
      {"[imap]\n\nlisten_on = 'x'\n", "claimqd.toml:3: unknown option 'imap.listen_on'"},
      {"[http]\nlisten = 'x'\n", "claimqd.toml:2: unknown option 'http.listen'"},
      {"[imap.tls]\ncert = 'x'\n", "claimqd.toml:1: unknown option 'imap.tls'"},
      {"imap = 1\n", "claimqd.toml:1: unknown option 'imap'"},
      {"threads = 'four'\n", "claimqd.toml:1: threads: must be a whole number"},
      {"threads = 1.5\n", "claimqd.toml:1: threads: must be a whole number"},
      {"threads = true\n", "claimqd.toml:1: threads: must be a whole number"},
      {"threads = -1\n", "claimqd.toml:1: threads: must be a whole number, is '-1'"},
      {"threads = [1]\n", "claimqd.toml:1: threads: must be a whole number"},
      {"data_dir = 7\n", "claimqd.toml:1: data_dir: must be a string"},
      {"# x\n[imap]\nclaimed_as = 'all'\n",
       "claimqd.toml:3: imap.claimed_as: must be one of both, backslash, keyword, is 'all'"},
      {"durability = 'fast'\n", "claimqd.toml:1: durability: must be one of sync, relaxed, is 'fast'"},
  };
  for (const auto& [toml, message] : cases) EXPECT_EQ(applied(toml), message);
}

TEST(Config, BrokenTomlIsRefusedWithItsLine) {
  for (const std::string_view toml : {"\n\nthreads = \n", "\n\nx\n", "a = 1\n\na = 2\n"}) {
    EXPECT_TRUE(applied(toml).starts_with("claimqd.toml:3: ")) << applied(toml);
  }
}

TEST(Config, NumbersAreTakenAtBothEndsOfTheirRangeAndRefusedOnePast) {
  struct Range {
    std::string_view name;
    std::uint64_t min;
    std::uint64_t max;
  };
  for (const Range& range : {Range{"threads", 0, 256}, Range{"message_bytes_max", 1024, 67'108'864},
                             Range{"drain_seconds", 0, 300}, Range{"imap.connections_max", 1, 1'000'000}}) {
    EXPECT_EQ(set(range.name, std::to_string(range.min)), "ok") << range.name;
    EXPECT_EQ(set(range.name, std::to_string(range.max)), "ok") << range.name;
    const std::string expected = std::string(range.name) + ": must be from " + std::to_string(range.min) + " to " +
                                 std::to_string(range.max) + ", is ";
    EXPECT_EQ(set(range.name, std::to_string(range.max + 1)), expected + std::to_string(range.max + 1));
    if (range.min > 0) {
      EXPECT_EQ(set(range.name, std::to_string(range.min - 1)), expected + std::to_string(range.min - 1));
    }
    EXPECT_EQ(set(range.name, "99999999999999999999999"), expected + "99999999999999999999999");
  }
}

TEST(Config, TextThatIsNoNumberIsRefused) {
  for (const std::string_view text : {"", " 1", "1 ", "+1", "1x", "0x10"}) {
    EXPECT_EQ(set("threads", text), "threads: must be a whole number, is '" + std::string(text) + "'");
  }
}

TEST(Config, UnknownOptionFromTheCommandLineIsRefused) { EXPECT_EQ(set("imap.port", "1"), "unknown option 'imap.port'"); }

TEST(Config, PathWithNulIsRefused) {
  EXPECT_EQ(set("data_dir", std::string_view("a\0b", 3)), "data_dir: must not hold a NUL");
}

TEST(Endpoint, TextAndValueGoBothWays) {
  const std::pair<std::string_view, Endpoint> cases[] = {{"127.0.0.1:0", {"127.0.0.1", 0}},
                                                         {"localhost:65535", {"localhost", 65535}},
                                                         {"[::1]:1143", {"::1", 1143}},
                                                         {"mail.example.org:143", {"mail.example.org", 143}}};
  for (const auto& [text, endpoint] : cases) {
    const auto parsed = parse_endpoint(text);
    ASSERT_TRUE(parsed) << text;
    EXPECT_EQ(*parsed, endpoint);
    EXPECT_EQ(endpoint.to_string(), text);
  }
}

TEST(Endpoint, MalformedTextIsRefused) {
  for (const std::string_view text : {"", ":", "1143", "host", ":1143", "[]:1", "::1:1143", "[127.0.0.1]:1", "[::1]",
                                      "[::1:1", "h:65536", "h:-1", "h:", "h:x", "h h:1", "h/:1"}) {
    EXPECT_FALSE(parse_endpoint(text)) << text;
  }
}

TEST(Endpoint, OnlyLoopbackIsLoopback) {
  for (const std::string_view text : {"127.0.0.1:1", "127.255.0.9:1", "localhost:1", "[::1]:1"}) {
    EXPECT_TRUE(parse_endpoint(text)->is_loopback()) << text;
  }
  for (const std::string_view text :
       {"0.0.0.0:1", "[::]:1", "10.0.0.1:1", "127.example.org:1", "1.127.0.0:1", "localhost.example.org:1"}) {
    EXPECT_FALSE(parse_endpoint(text)->is_loopback()) << text;
  }
}

TEST(ConfigValidate, DataDirIsRequired) { EXPECT_EQ(validate(Config()).error().message, "data_dir: must be set"); }

TEST(ConfigValidate, ListenersOffLoopbackAreRefusedWithoutTls) {
  for (const std::string_view option : {"imap.listen", "grpc.listen"}) {
    Config config;
    config.data_dir = "d";
    ASSERT_TRUE(validate(config));
    ASSERT_TRUE(set_option(config, option, "0.0.0.0:1143"));
    const auto done = validate(config);
    ASSERT_FALSE(done);
    EXPECT_TRUE(done.error().message.starts_with(std::string(option) + ": must be a loopback address")) << done.error().message;
  }
}

Config with(std::initializer_list<std::pair<std::string_view, std::string_view>> options) {
  Config config;
  config.data_dir = "d";
  for (const auto& [name, value] : options) EXPECT_TRUE(set_option(config, name, value)) << name;
  return config;
}

TEST(ConfigValidate, ImapOffLoopbackIsAllowedWithTlsAndGrpcIsNot) {
  Config config = with({{"tls.certificate", "c"}, {"tls.key", "k"}, {"imap.listen", "0.0.0.0:143"}, {"imap.tls_listen", "[::]:993"}});
  EXPECT_TRUE(validate(config));
  ASSERT_TRUE(set_option(config, "grpc.listen", "0.0.0.0:7143"));
  EXPECT_FALSE(validate(config));
}

TEST(ConfigValidate, TlsOptionsComeTogether) {
  EXPECT_FALSE(validate(with({{"tls.certificate", "c"}})));
  EXPECT_FALSE(validate(with({{"tls.key", "k"}})));
  EXPECT_EQ(validate(with({{"imap.tls_listen", "127.0.0.1:993"}})).error().message,
            "imap.tls_listen: needs tls.certificate and tls.key");
  EXPECT_EQ(validate(with({{"grpc.tls_listen", "127.0.0.1:7144"}})).error().message,
            "grpc.tls_listen: needs tls.certificate and tls.key");
  EXPECT_TRUE(validate(with({{"tls.certificate", "c"}, {"tls.key", "k"}, {"grpc.tls_listen", "0.0.0.0:7144"}})));
  EXPECT_TRUE(with({{"imap.tls_listen", "127.0.0.1:993"}, {"imap.tls_listen", ""}}).imap_tls_listen.host.empty());
}

TEST(ConfigValidate, TokensNeedTheirIssuer) {
  EXPECT_TRUE(validate(with({{"token.keys", "k"}, {"token.issuer", "https://id.example.org"}})));
  EXPECT_EQ(validate(with({{"token.keys", "k"}})).error().message, "token.keys: needs token.issuer and token.user_claim");
  EXPECT_FALSE(validate(with({{"token.keys", "k"}, {"token.issuer", "i"}, {"token.user_claim", ""}})));
  EXPECT_FALSE(validate(with({{"token.issuer", "i"}})));
  EXPECT_FALSE(validate(with({{"token.audience", "a"}})));
}

// A file that goes with the test.
class ConfigFile : public testing::Test {
 protected:
  ~ConfigFile() override { std::remove(path_.c_str()); }
  void write(std::string_view text) { std::ofstream(path_, std::ios::binary) << text; }
  const std::string path_ = testing::TempDir() + "claimq_config_" +
                            testing::UnitTest::GetInstance()->current_test_info()->name() + ".toml";
};

TEST_F(ConfigFile, IsAppliedAndItsErrorsNameIt) {
  Config config;
  write("threads = 2\n");
  ASSERT_TRUE(apply_toml_file(config, path_));
  EXPECT_EQ(config.threads, 2u);
  write("threads = 2\nx = 1\n");
  EXPECT_EQ(apply_toml_file(config, path_).error().message, path_ + ":2: unknown option 'x'");
}

TEST_F(ConfigFile, MissingIsNotFound) {
  Config config;
  EXPECT_EQ(apply_toml_file(config, path_).error().code, Code::kNotFound);
}

TEST_F(ConfigFile, FolderInItsPlaceIsAnError) {
  Config config;
  EXPECT_FALSE(apply_toml_file(config, testing::TempDir()));
}

TEST_F(ConfigFile, IsReadAtTheSizeLimitAndRefusedOnePast) {
  Config config;
  std::string text(kConfigFileBytesMax, '#');
  write(text);
  EXPECT_TRUE(apply_toml_file(config, path_));
  write(text + "#");
  EXPECT_FALSE(apply_toml_file(config, path_));
}

}  // namespace
}  // namespace imapd::ops
