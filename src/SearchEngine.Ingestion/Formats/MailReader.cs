using System.Globalization;
using MimeKit;

namespace SearchEngine.Ingestion;

/// <summary>Reads messages (.eml) and mailboxes (.mbox): subject, people and all texts; attachments by the readers of their kinds.</summary>
internal sealed class MailReader : IDocumentReader
{
    public string Name => "mail";

    public int Version => 3;

    public IReadOnlyCollection<string> Extensions { get; } = [".eml", ".mbox", ".mbx", ".mht", ".mhtml"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        using var stream = new BufferedStream(file.OpenRead(), 1 << 16);
        var first = new byte[5];
        // Mailboxes begin with "From ", messages with a field.
        var isBox = Path.GetExtension(file.FullPath).StartsWith(".mb", StringComparison.OrdinalIgnoreCase);
        if (stream.CanSeek)
        {
            isBox =
                stream.ReadAtLeast(first, first.Length, throwOnEndOfStream: false) == first.Length
                && first.AsSpan().SequenceEqual("From "u8);
            stream.Position = 0;
        }

        var parser = new MimeParser(stream, isBox ? MimeFormat.Mbox : MimeFormat.Entity);
        for (var number = 1; !parser.IsEndOfStream; number++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            MimeMessage message;
            try
            {
                message = parser.ParseMessage(cancellationToken);
            }
            catch (Exception e) when (e is FormatException or IOException)
            {
                if (number == 1)
                {
                    throw new SourceFormatException($"It is no message: {e.Message}", e);
                }

                warn($"Message {number} and what follows could not be read: {e.Message}", null);
                yield break;
            }

            using (message)
            {
                var id = isBox ? message.MessageId ?? number.ToString(CultureInfo.InvariantCulture) : null;
                var parts = MailParts.Of(message);
                yield return Body(message, parts, file.Name) with
                {
                    Id = id,
                };
                foreach (var attachment in Attachments(parts, file, warn, cancellationToken))
                {
                    yield return attachment with
                    {
                        Id = isBox ? $"{id}!{attachment.Id}" : attachment.Id,
                    };
                }
            }
        }
    }

    private static SourceDocument Body(MimeMessage message, MailParts parts, string fallbackTitle)
    {
        var people = new List<string>();
        foreach (var (name, list) in new (string, InternetAddressList)[] { ("From", message.From), ("To", message.To), ("Cc", message.Cc) })
        {
            if (list.Count > 0)
            {
                people.Add($"{name}: {HeadingTrail.OneLine(list.ToString())}");
            }
        }

        if (message.Date != DateTimeOffset.MinValue)
        {
            people.Add("Date: " + message.Date.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture));
        }

        var title = TitleRules.Clean(message.Subject) ?? fallbackTitle;
        var blocks = parts.Texts.Prepend(string.Join('\n', people)).Where(b => b.Length > 0).ToList();
        return new SourceDocument
        {
            Title = title,
            Sections = [new SourceSection([], null, blocks.Count == 0 ? title : string.Join("\n\n", blocks))],
            Properties = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase)
            {
                ["from"] = message.From.ToString(),
                ["date"] = message.Date.ToString("O", CultureInfo.InvariantCulture),
            },
        };
    }

    private static IEnumerable<SourceDocument> Attachments(
        MailParts parts,
        SourceFile file,
        Action<string, int?> warn,
        CancellationToken cancellationToken
    )
    {
        if (file.Contained is not { } contained)
        {
            yield break;
        }

        foreach (var part in parts.Files)
        {
            using var content = new MemoryStream();
            if (part is MessagePart { Message: { } forwarded })
            {
                forwarded.WriteTo(content, cancellationToken);
            }
            else if (part is MimePart { Content: { } body })
            {
                body.DecodeTo(content, cancellationToken);
            }

            var name = part is MessagePart ? "message.eml" : part.ContentDisposition?.FileName ?? part.ContentType.Name ?? "attachment";
            foreach (var document in contained.Read(file, name, content.ToArray(), warn, cancellationToken))
            {
                yield return document;
            }
        }
    }
}
