#include "imapd/auth/certificate_user.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "imapd/auth/users.h"

namespace imapd::auth {
namespace {

// A name with a NUL in it is no name: it could be cut short by whoever reads it next.
std::string text_of(const ASN1_STRING* string) {
  unsigned char* bytes = nullptr;
  const int length = ASN1_STRING_to_UTF8(&bytes, string);
  if (length < 0) return {};
  std::string text(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
  OPENSSL_free(bytes);
  return text.find('\0') == std::string::npos ? text : std::string();
}

std::string common_name_of(const X509& certificate) {
  const X509_NAME* const subject = X509_get_subject_name(&certificate);
  const int first = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (first < 0 || X509_NAME_get_index_by_NID(subject, NID_commonName, first) >= 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, first)));
}

std::vector<std::string> emails_of(const X509& certificate) {
  std::vector<std::string> emails;
  auto* const names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr));
  if (names == nullptr) return emails;
  for (int i = 0; i < sk_GENERAL_NAME_num(names); ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names, i);
    if (name->type != GEN_EMAIL) continue;
    std::string email = text_of(name->d.rfc822Name);
    if (!email.empty()) emails.push_back(std::move(email));
  }
  GENERAL_NAMES_free(names);
  return emails;
}

}  // namespace

CertificateNames names_in(const x509_st& certificate) { return {common_name_of(certificate), emails_of(certificate)}; }

std::optional<CertificateNames> names_in_pem(std::string_view pem) {
  BIO* const bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* const certificate = bio != nullptr ? PEM_read_bio_X509(bio, nullptr, nullptr, nullptr) : nullptr;
  BIO_free(bio);
  ERR_clear_error();
  if (certificate == nullptr) return std::nullopt;
  auto names = names_in(*certificate);
  X509_free(certificate);
  return names;
}

std::optional<std::string> user_of(const CertificateNames& names) {
  if (is_valid_user_name(names.common_name)) return names.common_name;
  if (names.emails.size() == 1 && is_valid_user_name(names.emails.front())) return names.emails.front();
  return std::nullopt;
}

}  // namespace imapd::auth
