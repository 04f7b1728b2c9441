using System.Text;

namespace SearchEngine.Ingestion.Tests.Reading;

public sealed class EncodingTests : IDisposable
{
    private const string Japanese = "日本語の文書検索エンジンは文字コードを判定します。これはテストです。\n二行目もあります。";
    private const string Chinese = "这是一个中文文档，用来测试编码的识别。检索引擎应该能够正确地读取它。\n第二行也有一些文字。";
    private const string Russian =
        "Это документ на русском языке, в котором проверяется распознавание кодировки.\nВторая строка тоже есть.";
    private const string Polish = "Zażółć gęślą jaźń. Książka leży na stole, a żółw śpi. Pójdźże, kiń tę chmurność w głąb flaszy.\n";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("shift_jis", Japanese)]
    [InlineData("euc-jp", Japanese)]
    [InlineData("iso-2022-jp", Japanese)]
    [InlineData("gb18030", Chinese)]
    [InlineData("big5", "這是一個中文文件，用來測試編碼的識別。檢索引擎應該能夠正確地讀取它。\n第二行也有一些文字。")]
    [InlineData("windows-1251", Russian)]
    [InlineData("koi8-r", Russian)]
    [InlineData("iso-8859-2", Polish)]
    [InlineData("windows-1252", "Grüße aus München, naïve cafés – “quoted” and €5.\n")]
    [InlineData("utf-16", Japanese)]
    [InlineData("utf-16BE", Russian)]
    public void Texts_without_a_mark_are_recognized(string name, string text)
    {
        var encoding = TextDecoder.Find(name)!;
        var read = Extracted.Of(_folder.Write("a.txt", encoding.GetBytes(text)));

        Assert.Equal(text.TrimEnd(), Assert.Single(read.Documents).Sections[0].Text.TrimEnd());
    }

    /// <summary>A line or two, where frequencies say nothing: in a short file, and in one that is English otherwise.</summary>
    [Theory]
    [InlineData("windows-1252", "El niño español comió piña")]
    [InlineData("windows-1252", "Fußgänger übergrößenträger")]
    [InlineData("windows-1252", "São Paulo não é longe")]
    [InlineData("windows-1252", "Það er þoka á firðinum og mjög kalt")]
    [InlineData("iso-8859-15", "50 € pour les œufs à Noël")]
    [InlineData("windows-1250", "Árvíztűrő tükörfúrógép")]
    [InlineData("iso-8859-2", "Příliš žluťoučký kůň úpěl ďábelské ódy")]
    [InlineData("iso-8859-13", "Ąžuolas šlamėjo, žmonės ėjo per lauką")]
    [InlineData("windows-1251", "Привет, мир")]
    [InlineData("windows-1251", "СЛОВО ЗАГЛАВНЫМИ БУКВАМИ")]
    [InlineData("koi8-u", "Привіт, світ, це перевірка кодування їжак")]
    [InlineData("windows-1253", "ΚΑΛΗΜΕΡΑ ΚΟΣΜΕ ΑΥΤΟ ΕΙΝΑΙ ΕΝΑ ΚΕΙΜΕΝΟ")]
    [InlineData("shift_jis", "カタカナ")]
    [InlineData("shift_jis", "ﾊﾝｶｸｶﾅ テスト")]
    [InlineData("euc-jp", "かな")]
    [InlineData("euc-kr", "검색 문서")]
    [InlineData("gb18030", "标题\n\n内容很短。")]
    [InlineData("iso-2022-kr", "검색 엔진")]
    [InlineData("windows-1252", "»»»» heading »»»» of ÄÄÄÄ ---- an old text")]
    public void Short_texts_are_recognized_by_their_build(string name, string text)
    {
        var bytes = TextDecoder.Find(name)!.GetBytes(text + "\n");
        byte[] english =
        [
            .. Enumerable.Repeat("A line of a log that says nothing of interest to anyone.\n"u8.ToArray(), 50).SelectMany(b => b),
        ];

        Assert.Equal(text, TextDecoder.Decode(bytes).Trim());
        if (name != "iso-2022-kr")
        {
            Assert.Contains(text, TextDecoder.Decode([.. english, .. bytes, .. english]), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("中文测试没有空格的文本")]
    [InlineData("日本語です。")]
    [InlineData("Привет")]
    [InlineData("Καλημέρα")]
    [InlineData("plain text")]
    [InlineData("Grüße aus München")]
    public void Wide_texts_without_a_mark_or_a_space_are_recognized(string text)
    {
        foreach (var encoding in new[] { Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            Assert.Equal(text, TextDecoder.Decode(encoding.GetBytes(text)));
        }
    }

    [Theory]
    [InlineData("shift_jis", Japanese)]
    [InlineData("gb18030", Chinese)]
    [InlineData("windows-1251", Russian)]
    [InlineData("iso-8859-2", Polish)]
    public void Every_format_of_text_recognizes_encodings(string name, string text)
    {
        var word = text.Split(' ', '。', '，', ',', '\n')[0];
        foreach (
            var (file, content) in new (string, string)[]
            {
                ("a.md", "# " + text),
                ("a.html", $"<p>{text}</p>"),
                ("a.csv", $"head,other\n\"{text}\",x\n"),
                ("a.jsonl", $"{{\"text\":\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"}}\n"),
                ("a.json", $"{{\"text\":\"{text.Replace("\n", "\\n", StringComparison.Ordinal)}\"}}"),
                ("a.rst", text),
                ("a.org", text),
                ("a.adoc", text),
                ("a.py", "# " + text.Replace("\n", "\n# ", StringComparison.Ordinal)),
                ("a.log", text),
            }
        )
        {
            Assert.Contains(
                word,
                Extracted.Of(_folder.Write(file, TextDecoder.Find(name)!.GetBytes(content))).Text,
                StringComparison.Ordinal
            );
        }
    }

    [Theory]
    [InlineData("iso-8859-2")]
    [InlineData("windows-1250")]
    [InlineData("shift_jis")]
    public void A_named_encoding_wins(string name)
    {
        var encoding = TextDecoder.Find(name)!;
        var text = name == "shift_jis" ? "漢字" : "żółw";
        var path = _folder.Write("a.txt", encoding.GetBytes(text));

        Assert.Equal(text, Extracted.Of(path, encoding).Documents[0].Sections[0].Text);
    }

    [Theory]
    [InlineData("<?xml version=\"1.0\" encoding=\"iso-8859-2\"?><html><body><p>żółw</p></body></html>", "iso-8859-2")]
    [InlineData(
        "<html><head><meta http-equiv=\"Content-Type\" content=\"text/html; charset=windows-1251\"></head><body><p>слово</p></body></html>",
        "windows-1251"
    )]
    [InlineData("<html><head><meta charset=iso-2022-jp></head><body><p>検索</p></body></html>", "iso-2022-jp")]
    public void Declarations_are_read(string html, string name) =>
        Assert.Contains(
            html.Contains("żółw", StringComparison.Ordinal) ? "żółw"
                : html.Contains("слово", StringComparison.Ordinal) ? "слово"
                : "検索",
            Extracted.Of(_folder.Write("a.html", TextDecoder.Find(name)!.GetBytes(html))).Text,
            StringComparison.Ordinal
        );

    [Fact]
    public void Bad_bytes_leave_the_rest_of_a_text_as_it_is()
    {
        var random = new Random(3);
        for (var round = 0; round < 50; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("Grüße, café, naïve – “quoted”. 日本語 ", 20)));
            for (var i = 0; i < 1 + (round / 10); i++)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(0x80, 0x100);
            }

            var text = TextDecoder.Decode(bytes);
            Assert.True(text.Contains("Grüße", StringComparison.Ordinal) && text.Contains("日本語", StringComparison.Ordinal), text);
        }
    }

    [Fact]
    public void A_large_text_is_read_in_pieces_that_lose_nothing()
    {
        foreach (var separator in new[] { "\n", "\n\n", " ", "\r\n" })
        {
            var text = string.Join(separator, Enumerable.Range(0, 200_000).Select(i => $"Wörter{i}"));
            foreach (var encoding in new[] { Encoding.UTF8, Encoding.Unicode })
            {
                var path = _folder.Write("large.txt", [.. encoding.Preamble, .. encoding.GetBytes(text)]);
                var documents = TempFolder.Read(new PlainTextReader(), path);

                Assert.True(documents.Count > 1);
                Assert.All(documents.Skip(1), d => Assert.True(d.Continues));
                Assert.Equal(text.ReplaceLineEndings("\n"), string.Concat(documents.Select(d => d.Sections[0].Text)));
                foreach (var document in documents.Skip(1))
                {
                    var anchor = document.Sections[0].Lines[0];
                    if (separator is "\n" or "\r\n")
                    {
                        Assert.StartsWith($"Wörter{anchor.Line - 1}\n", document.Sections[0].Text, StringComparison.Ordinal);
                    }
                }
            }
        }
    }
}
