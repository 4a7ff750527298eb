#pragma once

#include <gsasl.h>

#include <string>

#include "imapd/auth/sasl.h"
#include "imapd/base/check.h"

namespace support {

// The client's side, by libgsasl.
class ScramClient {
 public:
  ScramClient(const char* mechanism, const std::string& user, const std::string& password, const std::string& exporter = "",
              const std::string& authzid = "") {
    CHECK(gsasl_init(&library_) == GSASL_OK);
    CHECK(gsasl_client_start(library_, mechanism, &session_) == GSASL_OK);
    set(GSASL_AUTHID, user);
    set(GSASL_PASSWORD, password);
    if (!exporter.empty()) set(GSASL_CB_TLS_EXPORTER, imapd::auth::base64_encode(exporter));
    if (!authzid.empty()) set(GSASL_AUTHZID, authzid);
  }
  ScramClient(const ScramClient&) = delete;
  ~ScramClient() {
    gsasl_finish(session_);
    gsasl_done(library_);
  }
  std::string step(const std::string& message) {
    char* made = nullptr;
    std::size_t length = 0;
    code_ = gsasl_step(session_, message.data(), message.size(), &made, &length);
    std::string text = made != nullptr ? std::string(made, length) : "";
    gsasl_free(made);
    return text;
  }
  int code() const { return code_; }

 private:
  void set(Gsasl_property property, const std::string& value) { CHECK(gsasl_property_set(session_, property, value.c_str()) == GSASL_OK); }
  Gsasl* library_ = nullptr;
  Gsasl_session* session_ = nullptr;
  int code_ = GSASL_OK;
};

}  // namespace support
