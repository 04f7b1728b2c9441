# The search service. It carries no native library of its own: for arm64 change the platform and the runtime identifier, here and in compose.yaml.
FROM --platform=linux/amd64 mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN dotnet publish -c Release -r linux-x64 --self-contained false src/SearchEngine.Api -o /app

FROM --platform=linux/amd64 mcr.microsoft.com/dotnet/aspnet:10.0
WORKDIR /app
COPY --from=build /app .
RUN mkdir -p /data && chown $APP_UID /data
USER $APP_UID
# A public address inside the container: give it a key (SEARCHENGINE_API__KEYS__0__HASH and its kin), or the host refuses to start.
ENV SEARCHENGINE_DATA=/data/database \
    SEARCHENGINE_API__SNAPSHOTS=/data/snapshots \
    SEARCHENGINE_API__URL=http://0.0.0.0:5080
VOLUME /data
EXPOSE 5080
ENTRYPOINT ["dotnet", "SearchEngine.Api.dll"]
