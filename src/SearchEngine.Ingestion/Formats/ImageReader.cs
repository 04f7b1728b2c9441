namespace SearchEngine.Ingestion;

/// <summary>Reads the text of image files, where something recognizes it (<see cref="IngestionOptions.Recognition"/>).</summary>
internal sealed class ImageReader : IDocumentReader
{
    public string Name => "image";

    public int Version => 1;

    public IReadOnlyCollection<string> Extensions { get; } =
    [".png", ".jpg", ".jpeg", ".tif", ".tiff", ".bmp", ".webp", ".gif", ".jp2", ".pbm", ".pgm", ".ppm"];

    public IEnumerable<SourceDocument> Read(SourceFile file, Action<string, int?> warn, CancellationToken cancellationToken)
    {
        using var pages = new PageRecognizer(file, file.IsOnDisk ? [] : file.ReadAllBytes());
        if (pages.Read(1, warn, cancellationToken) is { } text)
        {
            yield return new SourceDocument { Title = file.Name, Sections = [new SourceSection([], null, text.Trim())] };
        }
    }
}
