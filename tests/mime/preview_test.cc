#include "imapd/mime/preview.h"

#include <gtest/gtest.h>

#include "imapd/mime/bytes.h"

namespace imapd::mime {
namespace {

std::string preview_of(std::string_view message) { return preview(parse_message(message), message); }

std::string typed(std::string_view type, std::string_view body) {
  return "Content-Type: " + std::string(type) + "\r\n\r\n" + std::string(body);
}

TEST(Preview, EndsAfter200Characters) {
  EXPECT_EQ(preview_of("\r\n" + std::string(200, 'a')), std::string(200, 'a'));
  EXPECT_EQ(preview_of("\r\n" + std::string(201, 'a')), std::string(200, 'a'));
  std::string umlauts;
  std::string many = "\r\n";
  for (int i = 0; i < 201; ++i) {
    if (i < 200) umlauts += "\xc3\xbc";
    many += "\xc3\xbc";
  }
  EXPECT_EQ(preview_of(many), umlauts);
  EXPECT_EQ(preview_of("\r\n" + std::string(199, 'a') + " b"), std::string(199, 'a'));
}

TEST(Preview, RunsOfSpacesAndControlsAreOneSpace) {
  EXPECT_EQ(preview_of(std::string_view("\r\n\r\n \t a\0\x01\r\n\x7f" "b \xc2\xa0 c \r\n", 20)), "a b c");
}

TEST(Preview, TakesTheFirstPartWithText) {
  EXPECT_EQ(preview_of("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                       "--b\r\nContent-Type: image/png\r\n\r\npng\r\n"
                       "--b\r\nContent-Type: text/plain\r\nContent-Disposition: attachment\r\n\r\nattached\r\n"
                       "--b\r\nContent-Type: text/plain\r\n\r\n \r\n"
                       "--b\r\nContent-Type: text/html\r\n\r\n<p>shown</p>\r\n--b--\r\n"),
            "shown");
}

TEST(Preview, HtmlLosesItsMarkup) {
  EXPECT_EQ(strip_html("<b>a</b>b<br>c"), "ab c");
  EXPECT_EQ(preview_of(typed("text/html", "<html><head><title>T</title><style>p > a { x }</style></head><!-- c > d --><body><p>One"
                                          "<p>two &amp; &lt;three&gt; &#228;&#x20AC;&nbsp;&unknown; 1 < 2 & 3<script>alert('</p>')</script></body>")),
            "One two & <three> \xc3\xa4\xe2\x82\xac &unknown; 1 < 2 & 3");
}

TEST(Preview, AnyBytesGiveValidText) {
  for (const std::string_view html : {"<", "&", "&#", "&#;", "&#x;", "&#0;", "&#xd800;", "&#x110000;", "&#99999999999;", "<!--", "<!-->",
                                      "<style", "<style>", "<style></", "<a", "</", "\xff\xfe<p>\xc3", "&;"}) {
    EXPECT_TRUE(is_utf8(preview_of(typed("text/html", html)))) << html;
    EXPECT_TRUE(is_utf8(preview_of(typed("text/plain; charset=utf-8", html)))) << html;
    EXPECT_TRUE(is_utf8(preview_of(typed("text/html; charset=nowhere", html)))) << html;
  }
}

TEST(Preview, ManyOpenTagsTakeLinearTime) {
  std::string html;
  for (int i = 0; i < 20'000; ++i) html += "<style><!--&";
  preview_of(typed("text/html", html));
}

}  // namespace
}  // namespace imapd::mime
