namespace SearchEngine.Ingestion;

/// <summary>
/// Reads the files inside a file (entries of archives, attachments of messages) by the readers of their kinds, within limits: depth,
/// and bytes that may be unpacked in all.
/// </summary>
/// <param name="readers">Chooses the reader of a file; null where there is none.</param>
/// <param name="depth">How many containers are around these files, the outermost included.</param>
/// <param name="budget">Bytes that may still be unpacked.</param>
/// <param name="passedOver">Told of files that are not read, by kind and path.</param>
internal sealed class ContainedFiles(
    Func<string, byte[], IDocumentReader?> readers,
    int depth = 1,
    ByteBudget? budget = null,
    Action<string, string>? passedOver = null
)
{
    /// <summary>A zip in a message in a zip is real; more is made to harm.</summary>
    internal const int MaxDepth = 3;

    /// <summary>The same for another file: what may be unpacked is each file's own.</summary>
    internal ContainedFiles ForFile() => new(readers, passedOver: passedOver);

    /// <summary>Tells of a file that is not read.</summary>
    /// <param name="kind">Why: "hidden", or its extension.</param>
    /// <param name="container">The file around it.</param>
    /// <param name="name">Its path in the container.</param>
    internal void PassOver(string kind, SourceFile container, string name) => passedOver?.Invoke(kind, $"{container.FullPath}!{name}");

    /// <summary>Whether there is a reader of a contained file.</summary>
    internal bool CanRead(string name, byte[] content) => readers(name, content) is not null;

    internal ByteBudget Budget { get; } = budget ?? new ByteBudget(ByteBudget.DefaultBytes);

    /// <summary>The documents of a contained file; what cannot be read is told to <paramref name="warn"/> and passed over.</summary>
    /// <param name="container">The file around it.</param>
    /// <param name="name">Its path in the container.</param>
    /// <param name="content">Its bytes.</param>
    /// <param name="warn">Takes what could not be read.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    internal IEnumerable<SourceDocument> Read(
        SourceFile container,
        string name,
        byte[] content,
        Action<string, int?> warn,
        CancellationToken cancellationToken
    )
    {
        if (depth > MaxDepth)
        {
            warn($"'{name}' was passed over: it lies more than {MaxDepth} containers deep.", null);
            yield break;
        }

        if (readers(name, content) is not { } reader)
        {
            PassOver(PassedOverList.KindOf(name), container, name);
            yield break;
        }

        var file = new SourceFile(
            $"{container.Source}!{name}",
            $"{container.FullPath}!{name}",
            () => new MemoryStream(content, writable: false)
        )
        {
            Encoding = container.Encoding,
            Recognition = container.Recognition,
            Contained = new ContainedFiles(readers, depth + 1, Budget, passedOver),
        };
        using var documents = reader.Read(file, (message, line) => warn($"'{name}': {message}", line), cancellationToken).GetEnumerator();
        while (true)
        {
            SourceDocument document;
            try
            {
                if (!documents.MoveNext())
                {
                    yield break;
                }

                document = documents.Current;
            }
            catch (Exception e) when (ReaderFaults.IsOfFile(e))
            {
                warn($"'{name}' was passed over: {ReaderFaults.Describe(e, reader)}", null);
                yield break;
            }

            yield return document with
            {
                Id = document.Id is null ? name : $"{name}!{document.Id}",
            };
        }
    }
}
