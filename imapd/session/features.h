#pragma once

#include <cstdint>
#include <initializer_list>

namespace imapd::session {

// What ENABLE (RFC 5161) and the commands that imply it switch on for one session. Nothing is switched off again, except by
// UNAUTHENTICATE (RFC 8437).
enum class Feature : std::uint8_t {
  kCondstore,  // RFC 7162, section 3.1: MODSEQ in every FETCH with FLAGS.
  kQresync,    // RFC 7162, section 3.2: VANISHED instead of EXPUNGE. Implies kCondstore.
  kUtf8,       // RFC 6855: UTF-8 in quoted strings and mailbox names.
  kRev2,       // RFC 9051: no RECENT, ESEARCH for SEARCH, UTF-8 mailbox names.
  kUidOnly,    // RFC 9586: no message numbers.
  kMetadata,   // RFC 5464, section 4.4.2: what others change in annotations is told.
};

class Features {
 public:
  constexpr Features() = default;
  constexpr Features(std::initializer_list<Feature> features) {
    for (const Feature feature : features) add(feature);
  }
  constexpr bool has(Feature feature) const { return (bits_ & bit(feature)) != 0; }
  constexpr void add(Feature feature) { bits_ = static_cast<std::uint8_t>(bits_ | bit(feature)); }

 private:
  static constexpr unsigned bit(Feature feature) { return 1u << static_cast<unsigned>(feature); }
  std::uint8_t bits_ = 0;
};

}  // namespace imapd::session
