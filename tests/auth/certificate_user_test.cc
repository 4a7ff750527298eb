#include "imapd/auth/certificate_user.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/certificates.h"
#include "tests/support/temp_dir.h"

namespace imapd::auth {
namespace {

TEST(CertificateUser, IsTheCommonNameElseTheOnlyEmail) {
  const auto user = [](CertificateNames names) { return user_of(names).value_or("nobody"); };
  EXPECT_EQ(user({"ann", {}}), "ann");
  EXPECT_EQ(user({"ann", {"bob@example.org"}}), "ann");
  EXPECT_EQ(user({"", {"bob@example.org"}}), "bob@example.org");
  EXPECT_EQ(user({"Ann Example", {"ann@example.org"}}), "ann@example.org");
  EXPECT_EQ(user({"", {"ann@example.org", "bob@example.org"}}), "nobody");
  EXPECT_EQ(user({"anyone", {}}), "nobody");
  EXPECT_EQ(user({"-ann", {}}), "nobody");
  EXPECT_EQ(user({std::string(65, 'a'), {}}), "nobody");
  EXPECT_EQ(user({std::string(64, 'a'), {}}), std::string(64, 'a'));
  EXPECT_EQ(user({"", {}}), "nobody");
}

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
}

TEST(CertificateUser, NamesAreReadFromPem) {
  support::TempDir dir;
  support::Certificates authority(dir.path());
  const auto pair = authority.issue("ann", "DNS:host,email:ann@example.org,email:a@example.org");
  const auto names = names_in_pem(text_of(pair.certificate) + text_of(authority.ca_path()));
  ASSERT_TRUE(names);
  EXPECT_EQ(names->common_name, "ann");
  EXPECT_EQ(names->emails, (std::vector<std::string>{"ann@example.org", "a@example.org"}));
  EXPECT_FALSE(names_in_pem(""));
  EXPECT_FALSE(names_in_pem(text_of(pair.key)));
}

}  // namespace
}  // namespace imapd::auth
