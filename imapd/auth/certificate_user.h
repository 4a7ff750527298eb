#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

struct x509_st;  // OpenSSL's X509.

namespace imapd::auth {

// What a certificate says of its owner. Whether it is to be believed, whoever verified the certificate knows.
struct CertificateNames {
  std::string common_name;          // Empty: none, or more than one.
  std::vector<std::string> emails;  // Subject alternative names.
};
CertificateNames names_in(const x509_st& certificate);
// Of the first certificate in a PEM text. nullopt: there is none.
std::optional<CertificateNames> names_in_pem(std::string_view pem);

// The user whom a client's certificate stands for: its common name when that is a valid user name, else its e-mail address when it
// has just one and that is a valid user name. nullopt: nobody. Whether there is such a user is for the caller to find out.
std::optional<std::string> user_of(const CertificateNames& names);

}  // namespace imapd::auth
