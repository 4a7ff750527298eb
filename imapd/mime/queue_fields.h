#pragma once

#include <string_view>

// The names that compose() and decode() share.
namespace imapd::mime {

inline constexpr std::string_view kVersionField = "Claimq-Version";
inline constexpr std::string_view kAttributeField = "Claimq-Attribute";
inline constexpr std::string_view kKeyField = "Claimq-Key";
inline constexpr std::string_view kGroupField = "Claimq-Group";
inline constexpr std::string_view kPriorityField = "Claimq-Priority";
inline constexpr std::string_view kQueueField = "Claimq-Queue";
inline constexpr std::string_view kContentTypeField = "Claimq-Content-Type";
inline constexpr std::string_view kHeaderAttribute = "header.";
inline constexpr std::string_view kDefaultContentType = "application/octet-stream";
// Added to a text type without charset, so that a mail client shows the text right; taken off again by
// decode().
inline constexpr std::string_view kAddedCharset = ";charset=utf-8";
// Stands in the place of an attribute's name that is no token; the name is then a parameter.
inline constexpr std::string_view kNoName = "-";

}  // namespace imapd::mime
