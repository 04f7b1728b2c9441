namespace SearchEngine.Training;

/// <summary>Turns a text into token ids without special tokens. Thread-safe.</summary>
internal delegate IReadOnlyList<int> TextEncoder(string text);

/// <summary>A run of consecutive sentences of one section, short enough to be one training passage.</summary>
internal readonly record struct Passage(int FirstSentence, int SentenceCount, int Document, int Heading);

/// <summary>
/// The token pieces of one document: sentence numbers of its title and description (-1 where there is none) and its passages.
/// </summary>
internal readonly record struct CorpusDocument(
    int Title,
    int Description,
    int FirstPassage,
    int PassageCount,
    int FirstNegative,
    int NegativeCount
);

/// <summary>
/// One data source as token ids in one flat array, cut into sentences, passages and documents. About four bytes a token. Immutable once
/// built, then
/// safe for many readers.
/// </summary>
internal sealed class TokenizedCorpus
{
    private readonly List<int[]> _sentences = [];
    private readonly List<Passage> _passages = [];
    private readonly List<CorpusDocument> _documents = [];

    private TokenizedCorpus(DataSource source) => Source = source;

    public DataSource Source { get; }

    public IReadOnlyList<Passage> Passages => _passages;

    public IReadOnlyList<CorpusDocument> Documents => _documents;

    /// <summary>All pieces: titles, descriptions, headings and sentences.</summary>
    public IReadOnlyList<int[]> Sentences => _sentences;

    public long TokenCount { get; private set; }

    /// <summary>Reads and tokenizes a source on all cores, keeping file order.</summary>
    public static TokenizedCorpus Build(
        DataSource source,
        string baseDirectory,
        TextEncoder encoder,
        int passageTokens,
        bool heldOut = false,
        CancellationToken cancellationToken = default
    )
    {
        var corpus = new TokenizedCorpus(source);
        var encoded = DataSourceReader
            .Read(source, baseDirectory, heldOut)
            .AsParallel()
            .AsOrdered()
            .WithCancellation(cancellationToken)
            .Select(document => Encode(document, encoder));
        try
        {
            foreach (var document in encoded)
                corpus.Add(document, passageTokens);
        }
        catch (AggregateException e) when (e.InnerExceptions.Count == 1 && e.InnerException is TrainingException inner)
        {
            // Reading goes on inside the query; what it finds is said by its own name.
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(inner);
        }

        return corpus;
    }

    private static EncodedDocument Encode(TrainingDocument document, TextEncoder encoder)
    {
        int[] Ids(string text) => text.Length == 0 ? [] : [.. encoder(text)];
        return new EncodedDocument(
            Ids(document.Title),
            Ids(document.Description),
            [
                .. document.Sections.Select(s => new EncodedSection(
                    Ids(s.Heading),
                    [.. s.Paragraphs.Select(p => SentenceSplitter.Split(p).Select(Ids).Where(ids => ids.Length > 0).ToArray())]
                )),
            ],
            [.. document.Negatives.Select(Ids)]
        );
    }

    private void Add(EncodedDocument document, int passageTokens)
    {
        var number = _documents.Count;
        var title = AddPiece(document.Title);
        var description = AddPiece(document.Description);
        var firstPassage = _passages.Count;
        foreach (var section in document.Sections)
        {
            var heading = AddPiece(section.Heading);
            var first = _sentences.Count;
            var tokens = 0;
            foreach (var paragraph in section.Paragraphs)
            {
                // A paragraph starts a new passage once the open one is half full; a sentence does once it would not fit.
                if (tokens > passageTokens / 2)
                    Close();
                foreach (var sentence in paragraph)
                {
                    if (tokens > 0 && tokens + sentence.Length > passageTokens)
                        Close();
                    AddPiece(sentence);
                    tokens += sentence.Length;
                }
            }

            Close();

            void Close()
            {
                if (tokens > 0)
                    _passages.Add(new Passage(first, _sentences.Count - first, number, heading));
                first = _sentences.Count;
                tokens = 0;
            }
        }

        var firstNegative = _sentences.Count;
        foreach (var negative in document.Negatives)
            AddPiece(negative);
        _documents.Add(
            new CorpusDocument(title, description, firstPassage, _passages.Count - firstPassage, firstNegative, document.Negatives.Length)
        );
    }

    private int AddPiece(int[] ids)
    {
        if (ids.Length == 0)
            return -1;
        _sentences.Add(ids);
        TokenCount += ids.Length;
        return _sentences.Count - 1;
    }

    private sealed record EncodedSection(int[] Heading, int[][][] Paragraphs);

    private sealed record EncodedDocument(int[] Title, int[] Description, EncodedSection[] Sections, int[][] Negatives);
}
