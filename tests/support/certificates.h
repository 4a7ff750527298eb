#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

#include "imapd/base/check.h"

namespace support {

// A certificate authority that is made for a test, and what it signs, as PEM files in a folder.
class Certificates {
 public:
  explicit Certificates(std::string folder) : folder_(std::move(folder)), key_(new_key()), ca_(X509_new(), X509_free) {
    fill(ca_.get(), key_.get(), "test CA");
    add(ca_.get(), ca_.get(), NID_basic_constraints, "critical,CA:TRUE");
    sign(ca_.get());
    write_certificate(ca_path(), ca_.get());
  }

  std::string ca_path() const { return folder_ + "/ca.pem"; }
  struct Pair {
    std::string certificate;
    std::string key;
  };
  // `alternative` as in openssl's configuration: `DNS:localhost,IP:127.0.0.1`, `email:ann@example.org`.
  Pair issue(const std::string& common_name, const std::string& alternative) {
    return issue_to(folder_ + "/" + common_name, common_name, alternative);
  }
  Pair issue_to(const std::string& stem, const std::string& common_name, const std::string& alternative) {
    const Key key = new_key();
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), X509_free);
    fill(certificate.get(), key.get(), common_name);
    add(certificate.get(), ca_.get(), NID_subject_alt_name, alternative.c_str());
    sign(certificate.get());
    Pair pair{stem + ".pem", stem + ".key"};
    write_certificate(pair.certificate, certificate.get());
    std::FILE* const file = std::fopen(pair.key.c_str(), "w");
    CHECK(file != nullptr && PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
    std::fclose(file);
    return pair;
  }

 private:
  using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
  static Key new_key() { return Key(EVP_EC_gen("P-256"), EVP_PKEY_free); }

  void fill(X509* certificate, EVP_PKEY* key, const std::string& common_name) {
    CHECK(X509_set_version(certificate, X509_VERSION_3) == 1);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial_);
    X509_gmtime_adj(X509_getm_notBefore(certificate), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate), 24 * 3600);
    X509_set_pubkey(certificate, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate, X509_get_subject_name(ca_.get()));
  }
  static void add(X509* certificate, X509* issuer, int extension, const char* value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* const made = X509V3_EXT_conf_nid(nullptr, &context, extension, value);
    CHECK(made != nullptr && X509_add_ext(certificate, made, -1) == 1);
    X509_EXTENSION_free(made);
  }
  void sign(X509* certificate) { CHECK(X509_sign(certificate, key_.get(), EVP_sha256()) > 0); }
  static void write_certificate(const std::string& path, X509* certificate) {
    std::FILE* const file = std::fopen(path.c_str(), "w");
    CHECK(file != nullptr && PEM_write_X509(file, certificate) == 1);
    std::fclose(file);
  }

  const std::string folder_;
  const Key key_;
  long serial_ = 0;
  const std::unique_ptr<X509, decltype(&X509_free)> ca_;
};

}  // namespace support
