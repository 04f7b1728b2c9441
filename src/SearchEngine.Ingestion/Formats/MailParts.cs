using MimeKit;
using MimeKit.Tnef;

namespace SearchEngine.Ingestion;

/// <summary>
/// The parts of a message: every text in its order, of alternatives the one that says most, and what is a file of its own (attachments,
/// forwarded messages, named inline parts, what Outlook packs into winmail.dat).
/// </summary>
internal sealed class MailParts
{
    /// <summary>A plain alternative with at least this share of the words of the others is as good as they are.</summary>
    private const double PlainShare = 0.7;

    private static readonly HashSet<string> Signatures = new(StringComparer.OrdinalIgnoreCase)
    {
        "application/pgp-signature",
        "application/pkcs7-signature",
        "application/x-pkcs7-signature",
    };

    internal List<string> Texts { get; } = [];

    internal List<MimeEntity> Files { get; } = [];

    internal static MailParts Of(MimeMessage message)
    {
        var parts = new MailParts();
        if (message.Body is { } body)
        {
            parts.Walk(body);
        }

        return parts;
    }

    // The parser bounds how deep messages nest (ParserOptions.MaxMimeDepth).
    private void Walk(MimeEntity entity)
    {
        switch (entity)
        {
            case MultipartAlternative alternatives:
                Choose(alternatives);
                break;
            case Multipart several:
                foreach (var part in several)
                {
                    Walk(part);
                }

                break;
            case TnefPart packed:
                Unpack(packed);
                break;
            case TextPart { IsAttachment: false, FileName: null, IsRichText: false } text:
                Add(text);
                break;
            case MessagePart or MimePart when !Signatures.Contains(entity.ContentType.MimeType):
                Files.Add(entity);
                break;
        }
    }

    private void Add(TextPart text)
    {
        var said = text.IsHtml ? HtmlReader.PlainText(text.Text) : TextDecoder.Normalize(text.Text).Trim();
        if (said.Length > 0)
        {
            Texts.Add(said);
        }
    }

    private void Choose(MultipartAlternative alternatives)
    {
        var said = new List<MailParts>();
        foreach (var alternative in alternatives)
        {
            var parts = new MailParts();
            parts.Walk(alternative);
            said.Add(parts);
            Files.AddRange(parts.Files);
        }

        // In the order of preference of who wrote it, plain text first: the first that is about as long as the longest.
        var most = said.Select(Words).DefaultIfEmpty(0).Max();
        if (said.Find(parts => Words(parts) >= most * PlainShare) is { } best)
        {
            Texts.AddRange(best.Texts);
        }
    }

    private void Unpack(TnefPart packed)
    {
        try
        {
            if (packed.ConvertToMessage().Body is { } inner)
            {
                Walk(inner);
            }
        }
        catch (Exception e) when (ReaderFaults.IsOfFile(e))
        {
            Files.Add(packed);
        }
    }

    private static int Words(MailParts parts) =>
        parts.Texts.Sum(text => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Count(word => word.Any(char.IsLetter)));
}
